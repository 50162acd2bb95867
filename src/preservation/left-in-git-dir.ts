import { join } from 'node:path'
import { type Entry, kindOf, readableEntriesIn } from '../fs/presence.js'
import { isTemporaryName } from '../fs/temporary-name.js'
import { namedObject } from './agent-specials.js'
import { countFiles } from './beside.js'

/**
 * Files right in a git dir that a restore puts back: HEAD, the index, and what git keeps there while something is begun
 * and not ended. FETCH_HEAD names addresses.
 */
export const FILES_OF_GIT = /^(?!FETCH_HEAD$)(?:[A-Z][A-Z0-9_-]*|index|shallow|sharedindex\.[0-9a-f]+)$/

/** Those of them that git itself writes: a person may have called a file `TODO` as well. */
const WRITTEN_BY_GIT =
  /^(?:(?:[A-Z]+_)*HEAD|(?:[A-Z]+_)*(?:EDIT)?MSG|(?:AUTO_|NOTES_)?MERGE(?:_[A-Z]+)?|(?:BISECT|GITGUI)_[A-Z_]+|EDIT_DESCRIPTION|RENAMED-REF|[a-z].*)$/

/** What else git itself has there (gitrepository-layout(5)), with the folders of Git LFS. */
const NAMES_OF_GIT = new Set([
  ...['objects', 'refs', 'packed-refs', 'packed-refs.new', 'reftable', 'logs', 'lost-found', 'FETCH_HEAD'],
  ...['config', 'config.worktree', 'hooks', 'info', 'description', 'branches', 'remotes'],
  ...['worktrees', 'gitdir', 'commondir', 'locked', 'modules', 'lfs'],
  ...['rebase-merge', 'rebase-apply', 'sequencer', 'rr-cache'],
  ...['gc.log', 'gc.pid', 'fsmonitor--daemon', 'fsmonitor--daemon.ipc'],
])

/** Names right in a git dir that are git's or this package's: whatever has another one is somebody's work. */
export async function namesOfGit(gitDir: string): Promise<string[]> {
  return (await entriesOf(gitDir)).filter(isOfGit).map(({ name }) => name)
}

/**
 * What the agent left in its git dir, where no look of git's shows it: worktrees and repositories of its own, or notes.
 * Names are relative to the git dir, with the number of files below each. What cannot be read is told by others.
 */
export async function findLeftInGitDir(gitDir: string): Promise<Map<string, number>> {
  const found = new Map<string, number>()
  for (const entry of await entriesOf(gitDir)) {
    const path = join(gitDir, entry.name)
    const isGits = isOfGit(entry) && (await isWrittenByGit(entry, path))
    const files = isGits ? 0 : await countFiles(path)
    if (files > 0) found.set(entry.name, files)
  }
  return found
}

/** Whatever else has such a name is a ref (`git update-ref MY_BACKUP …`), or somebody's notes. */
async function isWrittenByGit(entry: Entry, path: string): Promise<boolean> {
  const { name } = entry
  const isDoubtful = entry.isFile() && FILES_OF_GIT.test(name) && !WRITTEN_BY_GIT.test(name)
  return !isDoubtful || (await namedObject(path)) !== undefined
}

async function entriesOf(gitDir: string): Promise<Entry[]> {
  // By a link it would be another repository's.
  return (await kindOf(gitDir)) === 'directory' ? ((await readableEntriesIn(gitDir)) ?? []) : []
}

function isOfGit(entry: Entry): boolean {
  const { name } = entry
  const isFile = !entry.isDirectory() && (FILES_OF_GIT.test(name) || name.endsWith('.lock'))
  return isFile || NAMES_OF_GIT.has(name) || isTemporaryName(name)
}
