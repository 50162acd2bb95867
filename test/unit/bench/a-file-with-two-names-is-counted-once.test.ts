import { link, mkdir, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { checkoutUsage, diskUsage } from '../../../bench/disk-usage.js'
import { temporaryDirectory } from '../../helpers/temporary.js'

const blocks = async (path: string) => (await stat(path)).blocks * 512

test('disk usage is allocated blocks, with each file once in all the trees together', async () => {
  const directory = await temporaryDirectory()
  const [one, other] = [join(directory, 'one'), join(directory, 'other')]
  for (const folder of [one, other]) await mkdir(folder)
  await writeFile(join(one, 'file'), 'x'.repeat(100_000))
  await link(join(one, 'file'), join(other, 'second-name'))
  const expected = (await blocks(one)) + (await blocks(other)) + (await blocks(join(one, 'file')))
  expect(diskUsage([one, other])).toBe(expected)
})

test("a checkout's own files leave out its .git, and only that at the top", async () => {
  const workDir = await temporaryDirectory()
  await mkdir(join(workDir, '.git'))
  await mkdir(join(workDir, 'sub', '.git'), { recursive: true })
  await writeFile(join(workDir, '.git', 'large'), 'x'.repeat(100_000))
  await writeFile(join(workDir, 'sub', '.git', 'small'), 'x')
  const kept = ['.', 'sub', 'sub/.git', 'sub/.git/small'].map((path) => blocks(join(workDir, path)))
  const expected = (await Promise.all(kept)).reduce((sum, bytes) => sum + bytes, 0)
  expect(checkoutUsage([workDir])).toBe(expected)
})
