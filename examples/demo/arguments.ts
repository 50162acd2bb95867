import { parseArgs } from 'node:util'
import { locateSource } from '../support/files.js'

export interface DemoOptions {
  /** A real repository; undefined: one made for the demo. */
  readonly source: string | undefined
  readonly tasks: number
  readonly strategy: 'clone' | 'worktree'
  /** Whether the agents push: always to the demo's own repository, to a real one only when asked to. */
  readonly push: boolean
}

export const USAGE = `Usage: npm run demo -- [--source <url or path>] [--tasks N] [--strategy clone|worktree] [--push]

  --source    play on a real repository; nothing is pushed there unless --push is given
  --tasks     how many agents work at once, 1 to 64 (default 8)
  --strategy  clone: everything of a task is its own; worktree: branches are shared (default clone)
  --push      let the agents push their branches to the --source repository
  --help      show this text`

/** What is wrong with the arguments, in words for the person who typed them. */
export class UsageError extends Error {}

/** Reads the command line; undefined when help was asked for. */
export function readArguments(args: readonly string[]): DemoOptions | undefined {
  const values = parse(args)
  if (values.help === true) return undefined
  const source = values.source === undefined ? undefined : locateSource(values.source)
  return {
    source,
    tasks: taskCount(values.tasks ?? '8'),
    strategy: strategyName(values.strategy ?? 'clone'),
    push: values.push === true || source === undefined,
  }
}

function parse(args: readonly string[]) {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        source: { type: 'string' },
        tasks: { type: 'string' },
        strategy: { type: 'string' },
        push: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    })
    return values
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error))
  }
}

function taskCount(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 1 && count <= 64) return count
  throw new UsageError(`--tasks must be a number from 1 to 64, not '${text}'`)
}

function strategyName(text: string): DemoOptions['strategy'] {
  if (text === 'clone' || text === 'worktree') return text
  throw new UsageError(`--strategy must be clone or worktree, not '${text}'`)
}
