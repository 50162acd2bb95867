import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { isWorkspaceError } from 'git-task-isolation'
import { locateSource } from './files.js'
import { createUpstream, type Upstream } from './upstream.js'

/** What an example gets to play on; all of it is gone when the example ends. */
export interface Stage {
  /** For `new WorkspaceManager({ root })`. */
  readonly root: string
  readonly upstream: Upstream
}

/**
 * Runs an example in a temporary directory. `--source <url or path>` plays it on a copy of a real repository,
 * so that nothing is ever pushed there. A promise that is not kept ends the program with exit code 1.
 */
export async function example(title: string, play: (stage: Stage) => Promise<void>): Promise<void> {
  const { values } = parseArgs({ options: { source: { type: 'string' } } })
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'git-task-example-')))
  console.log(`${title}\n`)
  try {
    const copyOf = values.source === undefined ? undefined : locateSource(values.source)
    const upstream = await createUpstream(join(directory, 'upstream'), copyOf)
    await play({ root: join(directory, 'root'), upstream })
    console.log('\nAll as promised.')
  } catch (error) {
    console.error(`\nNot as promised: ${explain(error)}`)
    process.exitCode = 1
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  }
}

/** Tells what happens. */
export function say(line: string): void {
  console.log(`  ${line}`)
}

/** States a promise and stops the example when it is not kept. */
export function check(kept: boolean, promise: string): void {
  if (!kept) throw new Error(promise)
  console.log(`  ✓ ${promise}`)
}

function explain(error: unknown): string {
  if (isWorkspaceError(error)) return `${error.code}: ${error.message}\n${error.hint}`
  return error instanceof Error ? error.message : String(error)
}
