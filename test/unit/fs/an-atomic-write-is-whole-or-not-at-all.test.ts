import { chmod, link, lstat, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fse from 'fs-extra'
import { afterEach, expect, test, vi } from 'vitest'
import { asDiskFull, writeFileAtomic, writeJsonAtomic } from '../../../src/fs/atomic-write.js'
import { withFileLock } from '../../../src/fs/locks.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { canMount, mountSmallDisk } from './small-disk.js'

afterEach(() => {
  vi.restoreAllMocks()
})

function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: injected`), { code, syscall: 'injected' })
}

test('it replaces the content, with the mode asked for, and leaves nothing else', async () => {
  const folder = await temporaryDirectory()
  const path = join(folder, 'record.json')
  await writeFileAtomic(path, 'old', { mode: 0o666 })
  expect((await stat(path)).mode & 0o777).toBe(0o666)
  await writeJsonAtomic(path, { a: [1] })
  expect(await readFile(path, 'utf8')).toBe('{\n  "a": [\n    1\n  ]\n}\n')
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(await readdir(folder)).toEqual(['record.json'])
  await expect(writeJsonAtomic(path, undefined)).rejects.toThrow(TypeError)
})

test('a link at the path is replaced and its target left alone', async () => {
  const folder = await temporaryDirectory()
  await writeFile(join(folder, 'victim'), 'precious')
  await symlink('victim', join(folder, 'soft'))
  await link(join(folder, 'victim'), join(folder, 'hard'))
  for (const name of ['soft', 'hard']) {
    await writeFileAtomic(join(folder, name), 'new')
    expect((await lstat(join(folder, name))).isFile()).toBe(true)
  }
  expect(await readFile(join(folder, 'victim'), 'utf8')).toBe('precious')
})

test.each(['writeFile', 'fsync', 'rename'] as const)(
  'a full disk at %s is a typed error; the old content stays and nothing is left',
  async (step) => {
    const folder = await temporaryDirectory()
    const path = join(folder, 'record')
    await writeFileAtomic(path, 'old')
    vi.spyOn(fse, step).mockImplementation(() => Promise.reject(systemError('ENOSPC')))
    await expect(writeFileAtomic(path, 'new')).rejects.toMatchObject({ code: 'DISK_FULL', data: { path } })
    expect(await readFile(path, 'utf8')).toBe('old')
    expect(await readdir(folder)).toEqual(['record'])
  },
)

test.runIf(canMount())('a disk that is really full: typed errors and nothing left', async () => {
  const folder = mountSmallDisk()
  const path = join(folder, 'record')
  await expect(writeFileAtomic(path, 'x'.repeat(100_000))).rejects.toMatchObject({ code: 'DISK_FULL' })
  expect(await readdir(folder)).toEqual([])
  await fse.writeFile(join(folder, 'filler'), 'x'.repeat(65_536))
  const locked = withFileLock(join(folder, 'a.lock'), { timeoutMs: 500, purpose: 'test' }, async () => 'held')
  await expect(locked).rejects.toMatchObject({ code: 'DISK_FULL' })
  expect(await readdir(folder)).toEqual(['filler'])
})

test('other errors keep their own code', async () => {
  const path = join(await temporaryDirectory(), 'absent', 'record')
  await expect(writeFileAtomic(path, 'new')).rejects.toMatchObject({ code: 'ENOENT' })
  const denied = systemError('EACCES')
  expect(asDiskFull(denied, path)).toBe(denied)
  expect(asDiskFull(systemError('EDQUOT'), path)).toMatchObject({ code: 'DISK_FULL' })
})

// The superuser may write anywhere, so the refusal of the file system is injected.
test('a refused rename leaves nothing', async () => {
  const folder = await temporaryDirectory()
  await chmod(folder, 0o700)
  vi.spyOn(fse, 'rename').mockImplementation(() => Promise.reject(systemError('EACCES')))
  await expect(writeFileAtomic(join(folder, 'record'), 'new')).rejects.toMatchObject({ code: 'EACCES' })
  expect(await readdir(folder)).toEqual([])
})
