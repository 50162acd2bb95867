import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { clearDeadLocks, findDeadLocks } from '../../../src/fs/lock-leftovers.js'
import { withFileLock } from '../../../src/fs/locks.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { FORGED_TOKEN, forgeLock } from './forged-lock.js'

const options = { timeoutMs: 10_000, purpose: 'test' }
const CLAIM = `other.lock.${FORGED_TOKEN}.claim`

let folder: string
beforeEach(async () => {
  folder = await temporaryDirectory()
})

describe.each<[string, (folder: string) => Promise<unknown>]>([
  ['a file in the place of a claim', (at) => writeFile(join(at, CLAIM), '')],
  ['a file in the place of a lock', (at) => writeFile(join(at, 'other.lock'), '')],
  ['a link that leads to itself', (at) => symlink('other.lock', join(at, 'other.lock'))],
  [
    "a folder in the place of a holder's file",
    (at) => mkdir(join(at, 'other.lock', `holder-${FORGED_TOKEN}.json`), { recursive: true }),
  ],
])('%s', (_what, leave) => {
  test('keeps nobody from another lock', async () => {
    await leave(folder)
    expect(await withFileLock(join(folder, 'a.lock'), options, async () => 'done')).toBe('done')
  })

  test('stays, and what killed processes left beside it goes', async () => {
    await leave(folder)
    const odd = await readdir(folder)
    const dead = join(folder, 'z.lock')
    await forgeLock(dead, { processStart: '1' })
    expect(await findDeadLocks(folder)).toEqual([dead])
    expect(await clearDeadLocks(folder)).toEqual([dead])
    expect(await readdir(folder)).toEqual(odd)
  })
})

test("whoever wants a lock whose holder's file is a folder is told", async () => {
  const path = join(folder, 'a.lock')
  await mkdir(join(path, `holder-${FORGED_TOKEN}.json`), { recursive: true })
  await expect(withFileLock(path, options, async () => 'done')).rejects.toMatchObject({
    code: 'TAMPERED',
    message: expect.stringContaining(path),
  })
})

test('what is in a lock that nobody holds is named to whoever waits for it', async () => {
  const path = join(folder, 'a.lock')
  await mkdir(path)
  await writeFile(join(path, 'notes.txt'), '')
  const stray = join(path, 'notes.txt')
  await expect(withFileLock(path, { ...options, timeoutMs: 50 }, async () => 'done')).rejects.toMatchObject({
    code: 'LOCK_TIMEOUT',
    message: expect.stringContaining(stray),
    hint: expect.stringContaining(stray),
    data: { inTheWay: [stray] },
  })
  expect(await readdir(folder)).toEqual(['a.lock'])
})

test('a file in the place of the whole folder is named', async () => {
  const file = join(folder, 'locks')
  await writeFile(file, '')
  await expect(findDeadLocks(file)).rejects.toMatchObject({ code: 'TAMPERED', data: { path: file } })
})

test('a lock that only holds what NFS keeps of a deleted file is cleared', async () => {
  const path = join(folder, 'a.lock')
  await mkdir(path)
  await writeFile(join(path, '.nfs000000000001'), '')
  expect(await clearDeadLocks(folder)).toEqual([path])
})
