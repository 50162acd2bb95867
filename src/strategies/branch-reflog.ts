import { join } from 'node:path'
import { hasErrorCode } from '../errors/workspace-error.js'
import { kindOf } from '../fs/presence.js'
import { readTextIfPresent } from '../fs/read-json.js'
import { readReflog as readEntries } from '../git/agent-git-dir.js'
import { refStorageOf } from '../git/ref-storage.js'
import { describeKey, type WorkspaceKey } from '../model/workspace-key.js'

/** What the reflog of a branch that was made for a workspace says about its making. */
export function madeFor(key: WorkspaceKey): string {
  return `git-task-isolation: prepared ${describeKey(key)}`
}

/** `us, and moved since`: more has happened to it than its making. */
export type BranchMaker = 'us' | 'us, and moved since' | 'others' | 'unknown'

/**
 * Who made a branch and whether anything has happened to it since, as its reflog tells (git-reflog(1); one line for
 * each change). `unknown` where there is none: bare repositories keep none by default, and whoever was killed may not
 * have come to write it.
 */
export async function madeBy(
  { gitDir, branch }: { readonly gitDir: string; readonly branch: string },
  key: WorkspaceKey,
): Promise<BranchMaker> {
  if ((await refStorageOf(gitDir)) !== 'files') return madeByInTables({ gitDir, branch }, key)
  const file = join(gitDir, 'logs/refs/heads', branch)
  const kind = await kindOf(file)
  // A folder was left by an older branch, and keeps a reflog out.
  if (kind === 'absent' || kind === 'directory') return 'unknown'
  const text = await readReflog(file)
  if (text === undefined) return 'others'
  if (text === '') return 'unknown'
  const messages = text
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t')[1])
  return makerAmong(messages, key)
}

async function madeByInTables(
  { gitDir, branch }: { readonly gitDir: string; readonly branch: string },
  key: WorkspaceKey,
): Promise<BranchMaker> {
  const entries = await readEntries({ gitDir, commonDir: gitDir }, `refs/heads/${branch}`)
  return makerAmong(
    entries.map(({ message }) => message),
    key,
  )
}

/** By the messages of a reflog, oldest first. */
function makerAmong([first, ...more]: readonly (string | undefined)[], key: WorkspaceKey): BranchMaker {
  if (first === undefined && more.length === 0) return 'unknown'
  if (first !== madeFor(key)) return 'others'
  return more.length === 0 ? 'us' : 'us, and moved since'
}

/** Undefined for what is no plain file, and for one so long that much must have happened. */
async function readReflog(file: string): Promise<string | undefined> {
  try {
    return (await readTextIfPresent(file)) ?? ''
  } catch (error) {
    if (!hasErrorCode(error, 'RECORD_CORRUPT')) throw error
    return undefined
  }
}
