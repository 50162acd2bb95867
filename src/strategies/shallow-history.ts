import { join } from 'node:path'
import type { Git } from '../git/git.js'
import { readCuts } from '../git/shallow-file.js'

const MAX_SHALLOW_BYTES = 16 * 1024 * 1024

export interface ShallowRequest {
  readonly gitDir: string
  readonly commit: string
  readonly depth: number
  readonly signal?: AbortSignal | undefined
}

/**
 * The commits at which history is cut off so that it is `depth` commits deep, counted as `git clone --depth` does:
 * by the shortest way. Empty where history is not that long. Asked level by level of the repository's long-lived look-up.
 */
export async function shallowBoundary(git: Git, request: ShallowRequest): Promise<string[]> {
  const seen = new Set([request.commit])
  let level = [request.commit]
  for (let depth = 1; depth < request.depth && level.length > 0; depth += 1) {
    const parents = await parentsOf(git, request, level)
    level = [...new Set(parents)].filter((commit) => !seen.has(commit))
    for (const commit of level) seen.add(commit)
  }
  return level
}

/** The cuts of a repository (gitrepository-layout(5), `shallow`); one that is not shallow has none. */
export function readShallow(gitDir: string): Promise<string[]> {
  return readCuts(join(gitDir, 'shallow'), MAX_SHALLOW_BYTES)
}

/** Most commits have one parent or two; those with as many as were asked for are asked for more. */
async function parentsOf(git: Git, request: ShallowRequest, commits: readonly string[]): Promise<string[]> {
  const found: string[] = []
  let asked = commits
  for (let from = 1; asked.length > 0; from += 2) {
    const names = asked.flatMap((commit) => [`${commit}^${from}`, `${commit}^${from + 1}`])
    const answers = await git.commits(request.gitDir, names, request.signal)
    found.push(...answers.filter((parent) => parent !== undefined))
    asked = asked.filter((_, index) => answers[2 * index + 1] !== undefined)
  }
  return found
}
