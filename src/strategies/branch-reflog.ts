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

/**
 * Who made a branch and whether anything has happened to it since, as its reflog tells (git-reflog(1); one line for
 * each change). `unknown` where there is none: bare repositories keep none by default, and whoever was killed may not
 * have come to write it.
 */
export async function madeBy(
  { gitDir, branch }: { readonly gitDir: string; readonly branch: string },
  key: WorkspaceKey,
): Promise<'us' | 'others' | 'unknown'> {
  if ((await refStorageOf(gitDir)) !== 'files') return madeByInTables({ gitDir, branch }, key)
  const file = join(gitDir, 'logs/refs/heads', branch)
  const kind = await kindOf(file)
  // A folder was left by an older branch, and keeps a reflog out.
  if (kind === 'absent' || kind === 'directory') return 'unknown'
  const text = await readReflog(file)
  if (text === undefined) return 'others'
  if (text === '') return 'unknown'
  const lines = text.trimEnd().split('\n')
  return lines.length === 1 && lines[0]?.endsWith(`\t${madeFor(key)}`) ? 'us' : 'others'
}

async function madeByInTables(
  { gitDir, branch }: { readonly gitDir: string; readonly branch: string },
  key: WorkspaceKey,
): Promise<'us' | 'others' | 'unknown'> {
  const [first, ...more] = await readEntries({ gitDir, commonDir: gitDir }, `refs/heads/${branch}`)
  if (first === undefined) return 'unknown'
  return more.length === 0 && first.message === madeFor(key) ? 'us' : 'others'
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
