import type { Command } from 'commander'
import { optionsFromEnvironment, WorkspaceManager } from 'git-task-isolation'
import type { OutputFormat } from './render.js'

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Runs a command's work with a manager over the root that was named, and closes it afterwards. */
export async function withManager<T>(
  command: Command,
  work: (manager: WorkspaceManager) => Promise<T>,
): Promise<T> {
  const { root } = command.optsWithGlobals<{ root?: string }>()
  const manager = new WorkspaceManager({
    ...optionsFromEnvironment(),
    ...(root === undefined ? {} : { root }),
  })
  // Stops git and takes back what was begun; a second Ctrl-C ends the program at once.
  const stop = (): void => void manager.close()
  for (const signal of STOP_SIGNALS) process.once(signal, stop)
  try {
    return await work(manager)
  } finally {
    for (const signal of STOP_SIGNALS) process.off(signal, stop)
    await manager.close()
  }
}

export function outputFormat(command: Command): OutputFormat {
  return command.optsWithGlobals<{ json?: true }>().json ? 'json' : 'text'
}
