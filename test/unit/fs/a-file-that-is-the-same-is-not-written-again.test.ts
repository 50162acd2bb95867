import { chmod, link, lstat, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { writeFileInside } from '../../../src/fs/contained-write.js'
import { temporaryDirectory } from '../../helpers/temporary.js'

const OPTIONS = { mode: 0o600, outlives: 'process' } as const

let root: string
let file: string
beforeEach(async () => {
  root = await temporaryDirectory()
  file = join(root, 'file')
  await writeFileInside(root, 'file', 'the same\n', OPTIONS)
})

test('its content and permissions are those asked for', async () => {
  expect(await readFile(file, 'utf8')).toBe('the same\n')
  expect((await lstat(file)).mode & 0o777).toBe(0o600)
})

test('the file stays the one it was', async () => {
  const before = await lstat(file)
  await writeFileInside(root, 'file', 'the same\n', OPTIONS)
  const after = await lstat(file)
  expect([after.ino, after.ctimeMs]).toEqual([before.ino, before.ctimeMs])
})

describe.each<[string, () => Promise<unknown>]>([
  ['other content of the same length', () => writeFile(file, 'not same\n')],
  ['more content', () => writeFile(file, 'the same\nand more\n')],
  ['other permissions', () => chmod(file, 0o644)],
  ['a second name', () => link(file, join(root, 'second'))],
])('%s', (_what, change) => {
  test('is replaced by a file of its own', async () => {
    await change()
    const before = await lstat(file)
    await writeFileInside(root, 'file', 'the same\n', OPTIONS)
    const after = await lstat(file)
    expect(after.ino).not.toBe(before.ino)
    expect([after.nlink, after.mode & 0o777]).toEqual([1, 0o600])
    expect(await readFile(file, 'utf8')).toBe('the same\n')
  })
})

test('a link to a file that is the same is replaced', async () => {
  await symlink('file', join(root, 'link'))
  await writeFileInside(root, 'link', 'the same\n', OPTIONS)
  expect((await lstat(join(root, 'link'))).isFile()).toBe(true)
})
