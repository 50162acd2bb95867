import { link, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { diskUsage, diskUsages } from '../../../src/fs/disk-usage.js'
import { temporaryDirectory } from '../../helpers/temporary.js'

const path = process.env['PATH']
afterEach(() => {
  process.env['PATH'] = path
})

async function tree(): Promise<string> {
  const directory = await temporaryDirectory()
  await mkdir(join(directory, 'tree', 'deep'), { recursive: true })
  await writeFile(join(directory, 'tree', 'deep', 'one'), Buffer.alloc(100_000, 1))
  await link(join(directory, 'tree', 'deep', 'one'), join(directory, 'tree', 'same'))
  await writeFile(join(directory, 'outside'), Buffer.alloc(1_000_000, 1))
  await symlink(join(directory, 'outside'), join(directory, 'tree', 'link'))
  return join(directory, 'tree')
}

test('blocks are counted, hard links once and links not followed', async () => {
  const bytes = await diskUsage(await tree())
  expect(bytes).toBeGreaterThanOrEqual(100_000)
  expect(bytes).toBeLessThan(200_000)
})

test('without du the same is added up here', async () => {
  const directory = await tree()
  const withDu = await diskUsage(directory)
  process.env['PATH'] = ''
  expect(await diskUsage(directory)).toBe(withDu)
})

test('what is absent takes nothing', async () => {
  expect(await diskUsage('/nowhere/at/all')).toBe(0)
  process.env['PATH'] = ''
  expect(await diskUsage('/nowhere/at/all')).toBe(0)
})

test.each([
  ['du', path],
  ['Node', ''],
])('with %s, what several trees share counts for the first of them', async (_how, programs) => {
  const directory = await temporaryDirectory()
  const [one, two] = [join(directory, 'one'), join(directory, 'two')]
  for (const folder of [one, two]) await mkdir(folder)
  await writeFile(join(one, 'file'), Buffer.alloc(100_000, 1))
  await link(join(one, 'file'), join(two, 'same'))
  process.env['PATH'] = programs
  const forward = await diskUsages([one, join(directory, 'absent'), two])
  expect([...forward.keys()]).toEqual([one, two])
  expect(forward.get(one)).toBeGreaterThanOrEqual(100_000)
  expect(forward.get(two)).toBeLessThan(50_000)
  const back = await diskUsages([two, one])
  expect(back.get(two)).toBe(forward.get(one))
  expect(back.get(one)).toBe(forward.get(two))
})

test('thousands of trees, more than a command line holds', async () => {
  const directory = await temporaryDirectory()
  const folders = Array.from({ length: 3_000 }, (_, index) => join(directory, `${index}`.padStart(80, '0')))
  await Promise.all(folders.map((folder) => mkdir(folder)))
  const usages = await diskUsages(folders)
  expect(usages.size).toBe(folders.length)
})

test('it ends when its caller no longer wants to know', async () => {
  const call = diskUsage(await tree(), AbortSignal.abort())
  await expect(call).rejects.toMatchObject({ code: 'ABORTED' })
})
