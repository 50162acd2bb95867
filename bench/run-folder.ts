import { mkdtemp, realpath } from 'node:fs/promises'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { stopChildren } from './children.js'
import { removeTrees } from './plain-programs.js'

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
const ATTEMPTS = 5

/** A folder for one run. It is removed at the end, also after a failure or Ctrl-C. */
export async function withRunFolder<T>(action: (directory: string) => Promise<T>): Promise<T> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'git-task-bench-')))
  let stopped: Promise<never> | undefined
  const stop = (signal: NodeJS.Signals): void => {
    stopped ??= endRun(directory, signal)
  }
  for (const signal of SIGNALS) process.on(signal, stop)
  try {
    return await action(directory)
  } finally {
    // What failed because it was stopped is no news: the process ends there.
    await (stopped ?? removeRunFolder(directory))
    for (const signal of SIGNALS) process.off(signal, stop)
  }
}

async function endRun(directory: string, signal: NodeJS.Signals): Promise<never> {
  try {
    await stopChildren()
    await removeRunFolder(directory)
  } finally {
    process.exit(128 + constants.signals[signal])
  }
}

/** A process that was just stopped may still be writing; each attempt starts from what is there then. */
async function removeRunFolder(directory: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await removeTrees(directory)
    } catch (error) {
      if (attempt === ATTEMPTS) throw error
    }
  }
}
