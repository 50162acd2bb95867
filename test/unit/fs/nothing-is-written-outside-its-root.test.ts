import { link, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import {
  assertNoLinkInside,
  ensureDirectoryInside,
  removeIfEmpty,
  resolveInside,
} from '../../../src/fs/contained-path.js'
import { writeFileInside } from '../../../src/fs/contained-write.js'
import { temporaryDirectory } from '../../helpers/temporary.js'

let [root, outside] = ['', '']

beforeEach(async () => {
  const folder = await temporaryDirectory()
  root = join(folder, 'root')
  outside = join(folder, 'outside')
  await mkdir(root)
  await mkdir(outside)
})

test.each([
  '',
  '.',
  './',
  '/etc/passwd',
  '..',
  '../x',
  'a/../../x',
  'a/..',
  'a\\..\\x',
  '\\x',
  'C:\\x',
  'c:x',
  'a\0b',
  'a\nb',
  'a\x7fb',
])('the path %j is refused and named', (path) => {
  expect(() => resolveInside('/root', path)).toThrowError(
    expect.objectContaining({ code: 'PATH_OUTSIDE_ROOT', data: { root: '/root', path } }),
  )
})

test.each(['a', '.agent_context/issue.md', '..a/b..', 'a b/ü', './a//b'])('the path %j is taken', (path) => {
  expect(resolveInside('/root', path)).toBe(join('/root', path))
})

test('missing directories are made one by one and reported, existing ones are not', async () => {
  const made = await ensureDirectoryInside(root, join(root, 'a', 'b'))
  expect(made).toEqual([join(root, 'a'), join(root, 'a', 'b')])
  expect(await ensureDirectoryInside(root, join(root, 'a', 'b', 'c'))).toEqual([join(root, 'a', 'b', 'c')])
  expect(await ensureDirectoryInside(root, root)).toEqual([])
  await expect(ensureDirectoryInside(root, outside)).rejects.toMatchObject({ code: 'PATH_OUTSIDE_ROOT' })
})

test('a link or a file on the way is named and nothing is made behind it', async () => {
  await symlink(outside, join(root, 'link'))
  await writeFile(join(root, 'file'), '')
  for (const name of ['link', 'file']) {
    const expected = { code: 'TAMPERED', data: { path: join(root, name) } }
    await expect(ensureDirectoryInside(root, join(root, name, 'x'))).rejects.toMatchObject(expected)
    await expect(writeFileInside(root, `${name}/x`, '', { mode: 0o600 })).rejects.toMatchObject(expected)
  }
  await expect(assertNoLinkInside(root, join(root, 'link', 'x'))).rejects.toMatchObject({ code: 'TAMPERED' })
  await expect(assertNoLinkInside(root, join(root, 'link'))).rejects.toMatchObject({ code: 'TAMPERED' })
  await assertNoLinkInside(root, join(root, 'file'))
  await assertNoLinkInside(root, join(root, 'absent', 'x'))
  expect(await readdir(outside)).toEqual([])
})

test('a file is written over soft and hard links without touching what they point to', async () => {
  await writeFile(join(outside, 'victim'), 'precious')
  await mkdir(join(root, 'd'))
  await symlink(join(outside, 'victim'), join(root, 'd', 'soft'))
  await link(join(outside, 'victim'), join(root, 'd', 'hard'))
  for (const name of ['soft', 'hard', 'new/deep']) {
    await writeFileInside(root, `d/${name}`, 'ours', { mode: 0o644 })
    expect(await readFile(join(root, 'd', name), 'utf8')).toBe('ours')
  }
  expect(await readFile(join(outside, 'victim'), 'utf8')).toBe('precious')
  await expect(writeFileInside(root, 'd', 'x', { mode: 0o600 })).rejects.toMatchObject({ code: 'TAMPERED' })
  await expect(writeFileInside(root, '../x', 'x', { mode: 0o600 })).rejects.toMatchObject({
    code: 'PATH_OUTSIDE_ROOT',
  })
})

test('only an empty directory is removed', async () => {
  await mkdir(join(root, 'empty'))
  expect(await removeIfEmpty(join(root, 'empty'))).toBe(true)
  expect(await removeIfEmpty(join(root, 'empty'))).toBe(false)
  await writeFile(join(root, 'file'), '')
  expect(await removeIfEmpty(root)).toBe(false)
  await expect(removeIfEmpty(join(root, 'file'))).rejects.toMatchObject({ code: 'ENOTDIR' })
})
