import { join, relative } from 'node:path'
import { kindOf } from '../../fs/presence.js'
import type { SessionRecord } from '../../model/session-record.js'
import type { AddedWorktree } from '../../preservation/added-worktrees.js'
import { type BesidePlace, RESULTS } from '../../preservation/beside.js'
import { repositoriesInResults } from '../../preservation/repositories-in-results.js'
import type { StrategyTraits } from '../../strategies/strategy.js'

/**
 * What in a task's folder may be the agent's, but for its results. Where no record tells what the caller had written, all
 * of it may.
 */
export function besideOf({ rootDir, workDir, taskFiles }: SessionRecord): BesidePlace {
  return { rootDir, workDir, known: taskFiles ?? [], repositories: [] }
}

interface ResultsOf {
  readonly traits: StrategyTraits
  readonly added: readonly AddedWorktree[]
  readonly signal?: AbortSignal | undefined
}

/** The same with the repositories and worktrees that are among the results. */
export async function besideAndResultsOf(
  record: SessionRecord,
  { traits, added, signal }: ResultsOf,
): Promise<BesidePlace> {
  const { rootDir, workDir } = record
  const parts = traits.usesRepository ? [workDir, join(workDir, '.git')] : [workDir]
  const kinds = await Promise.all(parts.map(kindOf))
  const isWhole = kinds[0] === 'directory' && !kinds.includes('absent')
  const checkout = isWhole ? 'in place' : 'gone'
  const repositories = await repositoriesInResults({ rootDir, checkout, signal })
  const worktrees = added.flatMap(({ folder }) => (folder === undefined ? [] : [relative(rootDir, folder)]))
  const all = [...repositories, ...worktrees.filter((path) => RESULTS.some((name) => isIn(path, name)))]
  return { ...besideOf(record), repositories: withoutThoseInside([...new Set(all)]) }
}

const isIn = (path: string, folder: string) => path === folder || path.startsWith(`${folder}/`)

function withoutThoseInside(paths: readonly string[]): string[] {
  return paths.filter((path) => !paths.some((other) => other !== path && isIn(path, other)))
}
