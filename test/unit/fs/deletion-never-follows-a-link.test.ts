import { chmod, lstat, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import fse from 'fs-extra'
import { afterEach, expect, test, vi } from 'vitest'
import { removeRecursively } from '../../../src/fs/remove-tree.js'
import { deleteTree, moveToTrash } from '../../../src/fs/trash.js'
import { runProgram } from '../../helpers/run-program.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { canMount, mountSmallDisk } from './small-disk.js'

const mounting = canMount()

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
})

async function treeWithLinks(): Promise<{ folder: string; tree: string; victim: string }> {
  const folder = await temporaryDirectory()
  const [tree, victim] = [join(folder, '-rf tree'), join(folder, 'victim')]
  await mkdir(join(tree, 'a', 'b'), { recursive: true })
  await mkdir(victim)
  await writeFile(join(victim, 'file'), 'precious')
  await symlink(victim, join(tree, 'a', 'link'))
  return { folder, tree, victim }
}

test.each([
  ['with rm', process.env['PATH'] ?? ''],
  ['without rm', '/nonexistent'],
])('%s a tree goes, what its links point to stays, and a second call is quiet', async (_how, path) => {
  vi.stubEnv('PATH', path)
  const { folder, tree, victim } = await treeWithLinks()
  await deleteTree(tree)
  await deleteTree(tree)
  expect(await readdir(folder)).toEqual(['victim'])
  await symlink(victim, join(folder, 'link'))
  await deleteTree(`${join(folder, 'link')}/`)
  expect(await readFile(join(victim, 'file'), 'utf8')).toBe('precious')
})

test.each(['', 'relative', './x', '/', '//', '/tmp/..', '/x\0'])('deleting %j is refused', async (path) => {
  await expect(deleteTree(path)).rejects.toMatchObject({ code: 'PATH_OUTSIDE_ROOT', data: { path } })
})

test('an aborted deletion says so', async () => {
  const { tree } = await treeWithLinks()
  await expect(deleteTree(tree, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'ABORTED' })
  const during = new AbortController()
  const removal = removeRecursively(tree, { signal: during.signal })
  during.abort()
  await expect(removal).rejects.toMatchObject({ code: 'ABORTED' })
})

test.runIf(mounting)('what cannot be deleted is listed', async () => {
  const { tree } = await treeWithLinks()
  mountSmallDisk(tree)
  await expect(deleteTree(tree)).rejects.toMatchObject({
    code: 'ROLLBACK_INCOMPLETE',
    data: { path: tree, remaining: [tree] },
  })
})

// The superuser is not stopped by permissions, so another user does it.
test.runIf(process.getuid?.() === 0)('read-only directories are deleted too', async () => {
  const folder = await temporaryDirectory()
  const [tree, trash] = [join(folder, 'tree'), join(folder, 'trash')]
  await mkdir(join(tree, 'a', 'b'), { recursive: true })
  await mkdir(trash)
  await runProgram('chown', ['-R', '65534', folder])
  for (const name of ['a/b', 'a', '.']) await chmod(join(tree, name), 0o500)
  const plain = await asNobody(`rm -rf -- "${tree}"`)
  expect(plain.code).not.toBe(0)
  const script = join(dirname(new URL(import.meta.url).pathname), 'delete-as-nobody.ts')
  const ours = await asNobody(`"${process.execPath}" --import tsx "${script}" "${tree}" "${trash}"`)
  expect(ours).toMatchObject({ code: 0 })
  expect(await readdir(folder)).toEqual(['trash'])
  expect(await readdir(trash)).toEqual([])
})

async function asNobody(command: string) {
  const env = { TSX_DISABLE_CACHE: '1' }
  return runProgram('setpriv', ['--reuid=65534', '--clear-groups', 'sh', '-c', command], { env })
}

test('something moved to the trash keeps its content under a new name each time', async () => {
  const { folder, tree, victim } = await treeWithLinks()
  const trash = join(folder, 'trash')
  const moved = (await moveToTrash(tree, trash)) ?? ''
  expect(dirname(moved)).toBe(trash)
  expect(basename(moved)).toMatch(/^-rf tree\.[0-9a-f]{8}$/)
  expect(await moveToTrash(tree, trash)).toBeUndefined()
  await mkdir(tree)
  expect(await moveToTrash(tree, trash)).not.toBe(moved)
  await symlink(victim, join(folder, 'link'))
  const link = (await moveToTrash(join(folder, 'link'), trash)) ?? ''
  expect((await lstat(link)).isSymbolicLink()).toBe(true)
  expect(await readdir(folder)).toEqual(['trash', 'victim'])
})

test.runIf(mounting)('a trash on another file system: it is renamed beside itself', async () => {
  const { folder, tree } = await treeWithLinks()
  const moved = (await moveToTrash(tree, join(mountSmallDisk(), 'trash'))) ?? ''
  expect(dirname(moved)).toBe(folder)
  expect(basename(moved)).toMatch(/^\.trash--rf tree\.[0-9a-f]{8}$/)
  expect(await readdir(folder)).toEqual([basename(moved), 'victim'])
})

test('the same with an injected EXDEV, and other errors are passed on', async () => {
  const { folder, tree } = await treeWithLinks()
  const error = (code: string) => Object.assign(new Error(code), { code, syscall: 'rename' })
  const rename = vi.spyOn(fse, 'rename')
  rename.mockImplementationOnce(() => Promise.reject(error('EIO')))
  await expect(moveToTrash(tree, join(folder, 'trash'))).rejects.toMatchObject({ code: 'EIO' })
  rename.mockImplementationOnce(() => Promise.reject(error('EXDEV')))
  expect(await moveToTrash(tree, join(folder, 'trash'))).toContain(join(folder, '.trash-'))
})
