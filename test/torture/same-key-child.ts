// One of two processes that ask for the same workspaces at the same moment.
//
//   node same-key-child.mjs '{"root":…,"source":…}'

import { setTimeout as delay } from 'node:timers/promises'
import { isWorkspaceError, WorkspaceManager } from 'git-task-isolation'
import { incompleteness } from './complete-workspace.js'
import { commands, failureFacts, say } from './say.js'

export type SameKeyCommand =
  | {
      do: 'prepare'
      taskId: string
      strategy: string
      /** How many calls there are at once. */
      calls: number
      /** What the first to get the workspace does at once: work in it, or hand it back. */
      then: 'keep' | 'finish'
      afterMs: number
    }
  | { do: 'cleanup'; taskId: string; afterMs: number }

/** How one call ended. */
export type CallResult =
  | { result: 'created' | 'reused'; workDir: string; problems: string[] }
  | { result: 'removed' | 'absent' | 'kept' }
  | { result: 'refused' | 'broken'; code: string; message: string }

export type SameKeyEvent = { event: 'started' } | { event: 'done'; calls: CallResult[] }

const plan: { root: string; source: string } = JSON.parse(process.argv[2] ?? '')
const manager = new WorkspaceManager({ root: plan.root })

async function prepare(command: Extract<SameKeyCommand, { do: 'prepare' }>): Promise<CallResult> {
  const { taskId, strategy } = command
  try {
    const workspace = await manager.prepare({ envId: 'shop', taskId, strategy, source: plan.source })
    const problems = await incompleteness(workspace.workDir)
    if (command.then === 'finish') await workspace.finish('succeeded')
    return { result: workspace.reused ? 'reused' : 'created', workDir: workspace.workDir, problems }
  } catch (error) {
    const result = isWorkspaceError(error) && error.code === 'SESSION_TAKEN' ? 'refused' : 'broken'
    return { result, ...failureFacts(error) }
  }
}

async function cleanup(taskId: string): Promise<CallResult> {
  try {
    return { result: (await manager.cleanup({ envId: 'shop', taskId })).action }
  } catch (error) {
    return { result: 'broken', ...failureFacts(error) }
  }
}

async function obey(command: SameKeyCommand): Promise<CallResult[]> {
  await delay(command.afterMs)
  if (command.do === 'cleanup') return [await cleanup(command.taskId)]
  return Promise.all(Array.from({ length: command.calls }, () => prepare(command)))
}

say({ event: 'started' })
for await (const command of commands<SameKeyCommand>()) say({ event: 'done', calls: await obey(command) })
await manager.close()
