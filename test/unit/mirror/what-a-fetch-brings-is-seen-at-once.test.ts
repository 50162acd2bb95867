import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { settledStamp } from '../../../src/fs/settled-stamp.js'
import { PackBytes } from '../../../src/mirror/pack-bytes.js'
import { temporaryDirectory } from '../../helpers/temporary.js'

test('objects are counted as they come, also in folders that were looked at before', async () => {
  const gitDir = await temporaryDirectory()
  const [pack, loose] = [join(gitDir, 'objects/pack'), join(gitDir, 'objects/ab')]
  for (const folder of [pack, loose]) await mkdir(folder, { recursive: true })
  await writeFile(join(pack, 'pack-1.pack'), '1'.repeat(1_000))
  await writeFile(join(loose, 'c1'), '1'.repeat(100))
  const packs = new PackBytes(gitDir)
  expect(await packs.total()).toBe(1_100)

  // From then on the folder's times tell whether it has changed.
  await vi.waitFor(() => expect(settledStamp(loose, new Date())).toBeDefined())
  expect([await packs.total(), await packs.total()]).toEqual([1_100, 1_100])

  await writeFile(join(loose, 'c2'), '1'.repeat(10))
  expect(await packs.total()).toBe(1_110)
  const half = join(loose, 'tmp_obj_1')
  await writeFile(half, '1')
  await vi.waitFor(() => expect(settledStamp(loose, new Date())).toBeDefined())
  expect(await packs.total()).toBe(1_111)
  // What is half written grows without a trace in its folder.
  await appendFile(half, '1')
  expect(await packs.total()).toBe(1_112)

  await rm(loose, { recursive: true })
  await writeFile(join(pack, 'tmp_pack_1'), '1')
  expect(await packs.total()).toBe(1_001)
})
