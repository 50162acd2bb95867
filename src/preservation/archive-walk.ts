import type { Dirent } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { throwIfStopped } from '../errors/stop-reason.js'
import { isSystemError } from '../errors/system-error.js'
import { IntegrityError } from '../errors/workspace-error.js'
import { bytesOfText } from '../fs/byte-names.js'
import { bytesOfName } from '../git/listed-names.js'
import type { Baseline } from './archive-baseline.js'
import { type ContentRequest, readContent } from './archive-file-content.js'
import { type TreeEntry, writeTree } from './archive-tree.js'
import { isSpecialName } from './special-name.js'

/** Names are as in `Baseline`. */
export interface WalkRequest extends ContentRequest {
  readonly directory: string
  readonly baseline: Baseline
  /** Names right in the directory that are not looked at. */
  readonly leaveOut: readonly string[]
  /** Permissions that a new file or folder does not get are told. */
  readonly umask: number
  /** `special`: nothing is to stand under its own name. */
  readonly place: Place
}

type Place = 'plain' | 'special'

/** A file that does not stand under its own name. */
export interface SpecialFile {
  readonly path: string
  readonly mode: Exclude<TreeEntry['mode'], '40000'>
  readonly oid: string
}

/** What was found and written. */
export interface Walked {
  /** The tree of all files that have their own names. */
  readonly tree: string | undefined
  readonly special: SpecialFile[]
  readonly permissions: Map<string, number>
  /** Folders, with a `/` at the end, that no file leads to, or that have permissions of their own. */
  readonly folders: Map<string, number>
  /** Changed files of the base that are there, and the folders of submodules that are. */
  readonly seen: Set<string>
  /** What is neither a file nor a folder nor a link. */
  readonly skipped: string[]
  /** How many files were written that the base has otherwise, and that it has not. */
  readonly written: { changed: number; others: number }
}

interface State extends WalkRequest {
  readonly found: Omit<Walked, 'tree'>
  readonly root: Buffer
  /** Files that are kept though they are ignored, and all folders above them. */
  readonly kept: ReadonlySet<string>
  /** `kept`: below an ignored folder. */
  readonly wanted: 'all' | 'kept'
}

/** Files that are read at the same time. */
const AT_ONCE = 16

/**
 * Writes every file below a directory that is not as the base has it, byte for byte, with links as links. A folder at
 * a time is in memory, however many files there are.
 *
 * @throws IntegrityError ARCHIVE_FAILED naming what cannot be read, or changes while it is read.
 */
export async function walk(request: WalkRequest): Promise<Walked> {
  const found = {
    special: [],
    permissions: new Map<string, number>(),
    folders: new Map<string, number>(),
    seen: new Set<string>(),
    skipped: [],
    written: { changed: 0, others: 0 },
  }
  const root = bytesOfText(request.directory)
  const state: State = { ...request, found, root, kept: withFolders(request.baseline.kept), wanted: 'all' }
  const { tree } = await walkFolder(state, '', request.place)
  return { ...found, tree }
}

interface Folder {
  readonly tree: string | undefined
  /** Whether a file that a restore writes leads to it. */
  readonly has: 'files' | 'nothing'
}

async function walkFolder(state: State, prefix: string, place: Place): Promise<Folder> {
  throwIfStopped(state.signal)
  const entries = await entriesOf(state, prefix)
  const wanted = entries.filter((entry) => isWanted(state, prefix, entry))
  const written: TreeEntry[] = []
  const unchanged = entries.filter((entry) => state.baseline.unchanged.has(prefix + nameOf(entry)))
  const converted = await lookAtUnchanged(state, prefix, unchanged)
  let has: Folder['has'] = unchanged.length > 0 ? 'files' : 'nothing'
  const files = [...converted, ...wanted.filter((entry) => !entry.isDirectory())]
  for (let at = 0; at < files.length; at += AT_ONCE) {
    const made = await writeFiles(state, prefix, place, files.slice(at, at + AT_ONCE))
    if (made.length > 0) has = 'files'
    written.push(...made.filter((entry) => entry !== 'special'))
  }
  for (const entry of wanted.filter((one) => one.isDirectory())) {
    const folder = await enterFolder(state, prefix, place, nameOf(entry))
    if (folder.has === 'files') has = 'files'
    if (folder.tree !== undefined) written.push({ mode: '40000', name: nameOf(entry), oid: folder.tree })
  }
  if (prefix !== '') await noteFolder(state, prefix, has)
  return { tree: await writeTree(state.writer, written), has }
}

function isWanted(
  { baseline, kept, leaveOut, wanted }: State,
  prefix: string,
  entry: Dirent<Buffer>,
): boolean {
  const path = prefix + nameOf(entry)
  if (prefix === '' && leaveOut.includes(path)) return false
  if (baseline.unchanged.has(path)) return false
  const isIgnored = wanted === 'kept' || baseline.ignored.has(entry.isDirectory() ? `${path}/` : path)
  return !isIgnored || kept.has(path)
}

function enterFolder(state: State, prefix: string, place: Place, name: string): Promise<Folder> {
  const path = `${prefix}${name}/`
  const isSpecial = place === 'special' || isSpecialName(name, 'folder')
  return walkFolder({ ...state, wanted: wantedIn(state, path) }, path, isSpecial ? 'special' : 'plain')
}

/** What is wanted of a folder, whose name has a `/` at the end. */
function wantedIn({ baseline, wanted }: State, path: string): State['wanted'] {
  if (baseline.whole.has(path.slice(0, -1))) return 'all'
  return baseline.ignored.has(path) ? 'kept' : wanted
}

/** Reads some files at once, and writes them one after the other. */
async function writeFiles(
  state: State,
  prefix: string,
  place: Place,
  entries: readonly Dirent<Buffer>[],
): Promise<(TreeEntry | 'special')[]> {
  const { found } = state
  const readable = entries.filter((entry) => entry.isFile() || entry.isSymbolicLink())
  for (const entry of entries) if (!readable.includes(entry)) found.skipped.push(prefix + nameOf(entry))
  const contents = await Promise.all(
    readable.map(async (entry) => {
      const kind = entry.isSymbolicLink() ? 'link' : 'file'
      const name = nameOf(entry)
      const content = await readContent(state, pathOf(state, prefix + name), kind)
      return { name, kind, ...content } as const
    }),
  )
  const written: (TreeEntry | 'special')[] = []
  for (const { name, kind, mode, permissions, write } of contents) {
    const path = prefix + name
    const oid = await write()
    if (state.baseline.changed.has(path) || state.baseline.submodules.has(path)) found.seen.add(path)
    if (state.baseline.changed.has(path)) found.written.changed += 1
    else if (!state.baseline.unchanged.has(path)) found.written.others += 1
    const isSpecial = place === 'special' || isSpecialName(name, kind)
    // Of these nobody knows how they were to be when they come back under another umask.
    if (permissions !== undefined && (isSpecial || permissions !== usualFor(permissions, state)))
      found.permissions.set(path, permissions)
    if (isSpecial) found.special.push({ path, mode, oid })
    written.push(isSpecial ? 'special' : { mode, name, oid })
  }
  return written
}

/** Those that their checkout has written otherwise than they were committed, such as with other line ends. */
async function lookAtUnchanged(
  state: State,
  prefix: string,
  unchanged: readonly Dirent<Buffer>[],
): Promise<Dirent<Buffer>[]> {
  const converted: Dirent<Buffer>[] = []
  for (let at = 0; at < unchanged.length; at += AT_ONCE) {
    const some = unchanged.slice(at, at + AT_ONCE).filter((entry) => entry.isFile())
    const lengths = await Promise.all(some.map((entry) => notePermissions(state, prefix, entry)))
    const isConverted = (entry: Dirent<Buffer>, index: number) =>
      lengths[index] !== (state.baseline.lengths.get(prefix + nameOf(entry)) ?? lengths[index])
    converted.push(...some.filter(isConverted))
  }
  return converted
}

/** git itself sees of the permissions of a file only whether its owner may run it. Answers with its length. */
async function notePermissions(state: State, prefix: string, entry: Dirent<Buffer>): Promise<number> {
  const { mode, size } = await lstat(pathOf(state, prefix + nameOf(entry)))
  const permissions = mode & 0o7777
  if (permissions !== usualFor(permissions, state))
    state.found.permissions.set(prefix + nameOf(entry), permissions)
  return size
}

function usualFor(permissions: number, { umask }: State): number {
  return ((permissions & 0o100) === 0 ? 0o666 : 0o777) & ~umask
}

async function noteFolder(state: State, prefix: string, has: Folder['has']): Promise<void> {
  const path = pathOf(state, prefix.slice(0, -1))
  const stats = await lstat(path)
  if (!stats.isDirectory()) throw unreadable(path, 'a folder was replaced while it was read')
  if (state.baseline.submodules.has(prefix.slice(0, -1))) state.found.seen.add(prefix.slice(0, -1))
  const permissions = stats.mode & 0o7777
  if (has === 'nothing' || permissions !== (0o777 & ~state.umask))
    state.found.folders.set(prefix, permissions)
}

async function entriesOf(state: State, prefix: string): Promise<Dirent<Buffer>[]> {
  const path = pathOf(state, prefix)
  try {
    return await readdir(path, { withFileTypes: true, encoding: 'buffer' })
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ENAMETOOLONG')) throw error
    throw unreadable(path, 'a folder cannot be read', error)
  }
}

function unreadable(path: Buffer, problem: string, cause?: unknown): IntegrityError {
  const data = { path: path.toString() }
  return new IntegrityError('ARCHIVE_FAILED', `${problem}: ${data.path}`, { data, cause })
}

function withFolders(names: readonly string[]): ReadonlySet<string> {
  const all = new Set<string>(names)
  for (const name of names) {
    for (let end = name.lastIndexOf('/'); end > 0; end = name.lastIndexOf('/', end - 1)) {
      // Whose folder is known, those above it are.
      if (all.has(name.slice(0, end))) break
      all.add(name.slice(0, end))
    }
  }
  return all
}

const nameOf = (entry: Dirent<Buffer>) => entry.name.toString('latin1')

function pathOf({ root }: State, name: string): Buffer {
  return name === '' ? root : Buffer.concat([root, Buffer.from('/'), bytesOfName(name)])
}
