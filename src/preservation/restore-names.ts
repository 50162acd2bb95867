import { constants } from 'node:fs'
import { copyFile, lstat, mkdir, open, rename, rm, rmdir } from 'node:fs/promises'
import { isSystemError } from '../errors/system-error.js'
import { IntegrityError } from '../errors/workspace-error.js'
import { bytesOfName } from '../git/listed-names.js'

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants

/** With a `/` at the end. */
type NamedFolder = readonly [name: string, mode: number]

/**
 * Makes and removes things below one folder by names that have one character for each byte, and never through a link
 * that stands there.
 */
export class RestoreFolder {
  readonly #root: Buffer
  readonly #made = new Set<string>([''])

  constructor(directory: string) {
    this.#root = Buffer.from(directory)
  }

  path(name: string): Buffer {
    return name === '' ? this.#root : Buffer.concat([this.#root, Buffer.from('/'), bytesOfName(name)])
  }

  /** Makes a folder and those above it. @throws IntegrityError TAMPERED where something else stands there. */
  async make(name: string): Promise<void> {
    if (this.#made.has(name)) return
    await this.make(parentOf(name))
    try {
      await mkdir(this.path(name))
    } catch (error) {
      if (!isSystemError(error, 'EEXIST')) throw error
      if (!(await lstat(this.path(name))).isDirectory()) throw inTheWay(this.path(name))
    }
    this.#made.add(name)
  }

  /** Whether anything has this name, a link included. */
  async has(name: string): Promise<boolean> {
    try {
      await lstat(this.path(name))
      return true
    } catch (error) {
      if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return false
      throw error
    }
  }

  /** Puts a file or a link into its place; what stands there goes. */
  async place(from: string, name: string): Promise<void> {
    await this.make(parentOf(name))
    try {
      await rename(from, this.path(name))
    } catch (error) {
      if (isSystemError(error, 'EISDIR', 'ENOTEMPTY', 'EEXIST')) throw inTheWay(this.path(name))
      if (!isSystemError(error, 'EXDEV')) throw error
      await rm(this.path(name), { force: true })
      await copyFile(from, this.path(name), constants.COPYFILE_EXCL)
      await rm(from)
    }
  }

  /** Removes a file, a link or an empty folder, and the folders above it that are empty then. */
  async remove(name: string): Promise<void> {
    if (await this.#leadsThroughLink(parentOf(name))) return
    try {
      await rm(this.path(name), { force: true })
    } catch (error) {
      if (!isSystemError(error, 'ERR_FS_EISDIR', 'EISDIR', 'ENOTDIR')) throw error
      if (!(await this.#removeFolder(name))) return
    }
    for (let folder = parentOf(name); folder !== ''; folder = parentOf(folder)) {
      if (!(await this.#removeFolder(folder))) return
    }
  }

  /** Gives a file or folder its permissions; a link has none. */
  async permit(name: string, mode: number): Promise<void> {
    const file = await open(this.path(name), O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    try {
      await file.chmod(mode)
    } finally {
      await file.close()
    }
  }

  /** Makes folders that no file may lead to. Their permissions come last: they may forbid to write. */
  async makeFolders(folders: readonly NamedFolder[]): Promise<void> {
    for (const [name] of folders) await this.make(name.slice(0, -1))
  }

  /** Gives folders their permissions, the innermost first. */
  async permitFolders(folders: readonly NamedFolder[]): Promise<void> {
    const innermostFirst = [...folders].sort(([one], [other]) => other.length - one.length)
    for (const [name, mode] of innermostFirst) await this.permit(name.slice(0, -1), mode)
  }

  /** Both, where nothing is written into them afterwards. */
  async restoreFolders(folders: readonly NamedFolder[]): Promise<void> {
    await this.makeFolders(folders)
    await this.permitFolders(folders)
  }

  async #removeFolder(name: string): Promise<boolean> {
    try {
      await rmdir(this.path(name))
      this.#made.delete(name)
      return true
    } catch (error) {
      if (isSystemError(error, 'ENOTEMPTY', 'EEXIST', 'ENOENT', 'ENOTDIR')) return false
      throw error
    }
  }

  async #leadsThroughLink(name: string): Promise<boolean> {
    if (name === '') return false
    try {
      return !(await lstat(this.path(name))).isDirectory() || (await this.#leadsThroughLink(parentOf(name)))
    } catch (error) {
      if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return true
      throw error
    }
  }
}

function parentOf(name: string): string {
  const end = name.lastIndexOf('/')
  return end < 0 ? '' : name.slice(0, end)
}

function inTheWay(path: Buffer): IntegrityError {
  const data = { path: path.toString() }
  return new IntegrityError('TAMPERED', `something is in the way of a restored file: ${data.path}`, { data })
}
