// One of several processes that prepare many tasks at once, and later clean up what they prepared.
//
//   node crowd-child.mjs '{"root":…,"source":…,"strategies":…,"name":…,"tasks":…}'

import { WorkspaceManager } from 'git-task-isolation'
import { incompleteness } from './complete-workspace.js'
import { commands, failureFacts, say } from './say.js'

export interface CrowdPlan {
  readonly root: string
  readonly source: string
  /** Of its tasks, one after the other. */
  readonly strategies: readonly string[]
  /** Begins the ids of this process's tasks. */
  readonly name: string
  readonly tasks: number
}

export type CrowdCommand = { do: 'prepare' } | { do: 'inspect' } | { do: 'cleanup' }

export type CrowdEvent =
  | { event: 'started' | 'inspected' }
  | { event: 'done'; of: CrowdCommand['do']; succeeded: number; failures: string[] }

/** All files are compared in every workspace, but git is asked only in some: it would take as long as the prepares. */
const STATUS_EVERY = 5

const plan: CrowdPlan = JSON.parse(process.argv[2] ?? '')
const { root, source, strategies } = plan
const manager = new WorkspaceManager({ root })
const keys = Array.from({ length: plan.tasks }, (_, n) => ({ envId: 'shop', taskId: `${plan.name}-${n}` }))

type Key = (typeof keys)[number]

const verbs: Record<CrowdCommand['do'], (key: Key) => Promise<void>> = {
  prepare: async (key) => {
    await manager.prepare({ ...key, source, strategy: strategies[keys.indexOf(key) % strategies.length] })
  },
  inspect: async (key) => {
    const workspace = await manager.get(key)
    const how = keys.indexOf(key) % STATUS_EVERY === 0 ? 'strict' : 'lenient'
    const problems = workspace ? await incompleteness(workspace.workDir, how) : ['it is gone']
    if (problems.length > 0) throw new Error(problems.join('; '))
  },
  cleanup: async (key) => {
    // Both ways to the end: with the reservation handed back before, and without.
    if (keys.indexOf(key) % 2 === 0) await manager.finish(key, 'succeeded')
    const { action, reason } = await manager.cleanup(key)
    if (action !== 'removed') throw new Error(`${action}: ${reason}`)
  },
}

async function all(command: CrowdCommand['do']): Promise<CrowdEvent> {
  const results = await Promise.allSettled(keys.map(verbs[command]))
  const failed = results.flatMap((result) =>
    result.status === 'rejected' ? [failureFacts(result.reason)] : [],
  )
  const failures = failed.map(({ code, message }) => `${command}: ${code} ${message}`)
  return { event: 'done', of: command, succeeded: results.length - failures.length, failures }
}

say({ event: 'started' })
for await (const command of commands<CrowdCommand>()) say(await all(command.do))
await manager.close()
