import { join } from 'node:path'
import { readTextIfPresent } from '../fs/read-json.js'
import { describeKey, type WorkspaceKey } from '../model/workspace-key.js'

/** What the reflog of a branch that was made for a workspace says about its making. */
export function madeFor(key: WorkspaceKey): string {
  return `git-task-isolation: prepared ${describeKey(key)}`
}

/**
 * Who made a branch and whether anything has happened to it since, as its reflog tells (git-reflog(1); one line for
 * each change). `unknown` where the repository keeps none, as bare ones do by default.
 */
export async function madeBy(
  { gitDir, branch }: { readonly gitDir: string; readonly branch: string },
  key: WorkspaceKey,
): Promise<'us' | 'others' | 'unknown'> {
  const lines = (await readTextIfPresent(join(gitDir, 'logs/refs/heads', branch)))?.trimEnd().split('\n')
  if (lines === undefined) return 'unknown'
  return lines.length === 1 && lines[0]?.endsWith(`\t${madeFor(key)}`) ? 'us' : 'others'
}
