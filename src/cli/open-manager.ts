import { existsSync, type Stats, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import type { Command } from 'commander'
import { hasErrorCode, InputError, optionsFromEnvironment, WorkspaceManager } from 'git-task-isolation'
import type { OutputFormat } from './render.js'
import {
  HeardSignals,
  STOP_SIGNALS,
  StoppedBySignal,
  type StopSignal,
  signalExitCode,
} from './stopped-by-signal.js'
import { Warnings } from './warnings.js'

/**
 * Runs a command's work with a manager over the root that was named, and closes it afterwards. Where there is no such
 * environment it is told of that, which is no failure.
 *
 * @throws StoppedBySignal where a signal ended the work: git is stopped and what was begun is taken back. A second
 * one ends the program at once, but for the echo of the first.
 */
export async function withManager<T>(
  command: Command,
  work: (manager: WorkspaceManager) => Promise<T>,
  { envId }: { readonly envId?: string | undefined } = {},
): Promise<T> {
  const manager = openManager(command.optsWithGlobals<{ root?: string }>().root)
  const format = outputFormat(command)
  const warnings = new Warnings(command.name())
  warnings.follow(manager)
  const hearNoMore = warnings.hearProcess()
  const heard = new HeardSignals()
  // It stays attached: where nobody else listens, the listener that ends git's processes ends this one as well.
  const stop = (signal: StopSignal): void => {
    const which = heard.hear(signal)
    if (which === 'second') process.exit(signalExitCode(signal))
    if (which === 'first') void manager.close()
  }
  for (const signal of STOP_SIGNALS) process.on(signal, stop)
  try {
    // A doctor tells of it as of anything else.
    if (command.name() !== 'doctor') {
      refuseNoFolder('root', manager.root)
      refuseNoFolder('environment', placeOf(manager, command))
    }
    const done = await endOf(work(manager), manager)
    if (envId !== undefined && !isThere(manager, envId)) warnings.noEnvironment(envId)
    warnings.tell(format)
    return done
  } catch (error) {
    const isEnd = hasErrorCode(error, 'MANAGER_CLOSED', 'ABORTED')
    const failure = heard.first !== undefined && isEnd ? new StoppedBySignal(heard.first, error) : error
    warnings.tellWith(failure, format)
    throw failure
  } finally {
    hearNoMore()
    // An echo may come yet, and is not to end a program that is saying what became of it.
    if (heard.first === undefined) for (const signal of STOP_SIGNALS) process.off(signal, stop)
  }
}

/** The folder of the environment that the command line names, else that of all. */
function placeOf(manager: WorkspaceManager, command: Command): string {
  const at = command.registeredArguments.findIndex((argument) => argument.name() === 'env')
  const envId = command.args[at]
  return envId === undefined ? join(manager.root, 'managed-repos') : manager.checkoutPath(envId)
}

const HELPS = {
  root: 'Name a folder with --root, or one that can be made.',
  environment: 'Move away what is there, or use another environment or --root.',
} as const

/** What lies below a file is as absent as below a folder that is not there yet, and was hardly meant. */
function refuseNoFolder(what: keyof typeof HELPS, path: string): void {
  const found = statsOf(path)
  if (found === undefined && dirname(path) !== path) refuseNoFolder(what, dirname(path))
  if (found === undefined || found.isDirectory()) return
  throw new InputError('OPTIONS_INVALID', `the ${what} is no folder: ${path}`, {
    data: { field: what === 'root' ? 'root' : 'envId', path },
    hint: HELPS[what],
  })
}

/** What else is in the way of a look (permissions, a name that is too long) is told by the work. */
function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined
    throw error
  }
}

/** What is said by the process is heard a moment later. */
async function endOf<T>(work: Promise<T>, manager: WorkspaceManager): Promise<T> {
  try {
    return await work
  } finally {
    await manager.close()
    await setImmediate()
  }
}

function isThere({ root }: WorkspaceManager, envId: string): boolean {
  return existsSync(join(root, 'managed-repos', envId, '.git-task'))
}

/** A manager over a root, else over the one that the environment names. */
export function openManager(root: string | undefined): WorkspaceManager {
  return new WorkspaceManager({ ...optionsFromEnvironment(), ...(root === undefined ? {} : { root }) })
}

export function outputFormat(command: Command): OutputFormat {
  return command.optsWithGlobals<{ json?: true }>().json ? 'json' : 'text'
}
