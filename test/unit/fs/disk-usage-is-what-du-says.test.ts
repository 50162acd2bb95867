import { link, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { diskUsage } from '../../../src/fs/disk-usage.js'
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

test('it ends when its caller no longer wants to know', async () => {
  const call = diskUsage(await tree(), AbortSignal.abort())
  await expect(call).rejects.toMatchObject({ code: 'ABORTED' })
})
