import { GitError } from '../errors/workspace-error.js'

/** The version of the installed git. */
export interface GitVersion {
  /** As git says it, e.g. '2.39.5' or '2.39.5 (Apple Git-154)'. */
  readonly text: string
  readonly major: number
  readonly minor: number
  readonly patch: number
  /** Under 2.39.4, which lacks security fixes. */
  readonly belowRecommended: boolean
}

const FLOOR = [2, 34, 0] as const
const RECOMMENDED = [2, 39, 4] as const

/** Reads what `git version` prints. Throws GIT_TOO_OLD below 2.34, GIT_FAILED when it is no version at all. */
export function parseVersion(output: string): GitVersion {
  const [, text, major, minor, patch] = /^git version ((\d+)\.(\d+)(?:\.(\d+))?.*)$/m.exec(output) ?? []
  if (text === undefined) {
    throw new GitError('GIT_FAILED', 'git did not say its version', {
      data: { output: output.slice(0, 200) },
    })
  }
  const numbers = [Number(major), Number(minor), Number(patch ?? 0)] as const
  if (isBelow(numbers, FLOOR)) {
    throw new GitError('GIT_TOO_OLD', `git ${text} is too old: 2.34 or newer is needed`, {
      data: { found: text },
    })
  }
  const belowRecommended = isBelow(numbers, RECOMMENDED)
  return { text, major: numbers[0], minor: numbers[1], patch: numbers[2], belowRecommended }
}

function isBelow(version: readonly number[], limit: readonly number[]): boolean {
  const index = limit.findIndex((part, position) => part !== version[position])
  return index >= 0 && (version[index] ?? 0) < (limit[index] ?? 0)
}
