import { expect } from 'vitest'
import type { Tampering } from '../../../src/mirror/tampering.js'
import { snapshotTree } from '../../helpers/tree-snapshot.js'

/** Whatever is put right is found the same by a look beforehand, which leaves everything as it is. */
export async function lookThenRepair(
  directory: string,
  check: (mode: 'look' | 'repair') => Promise<Tampering[]>,
): Promise<Tampering[]> {
  const before = await snapshotTree(directory, { mtime: true })
  const seen = await check('look')
  expect(await snapshotTree(directory, { mtime: true })).toEqual(before)
  const found = await check('repair')
  expect(found).toEqual(seen)
  return found
}
