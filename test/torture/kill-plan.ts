import type { Random } from './random.js'

/** What the agent does between prepare and finish. */
export type AgentWork = 'nothing' | 'writes' | 'commits' | 'pushes'

/** One life of a workspace: prepare, the agent's work, finish, cleanup. */
export interface TaskPlan {
  readonly taskId: string
  readonly strategy: string
  readonly work: AgentWork
  readonly cleanup: 'refuse' | 'discard'
}

/** When an orchestrator is killed: a while after something began, or right before a named step of the first task. */
export type KillMoment =
  | { readonly after: 'prepare' | 'work' | 'cleanup'; readonly fraction: number }
  | { readonly before: readonly [operation: string, step: string] }

export interface KillPlan {
  readonly tasks: readonly [TaskPlan, ...TaskPlan[]]
  /** One kill each; what comes after the first finds the leftovers of the one before. */
  readonly kills: readonly Kill[]
  /** Whether the environment is made anew, so that the first prepare builds the mirror. */
  readonly environment: 'cold' | 'warm'
  /** How old the last fetch may be: 0 makes every prepare fetch. */
  readonly maxAgeMs: number
  readonly recovery: 'prepare' | 'sweep'
}

export interface Kill {
  readonly moment: KillMoment
  /** Whether all processes end at once, as in a container, or git and the agent go on as orphans. */
  readonly victims: 'all' | 'orchestrator'
}

export const TASKS = ['task-1', 'task-2'] as const
export const STRATEGIES = ['clone', 'worktree'] as const

const HOUR_MS = 3_600_000
const PREPARE_STEPS = ['reserve', 'base', 'preparing', 'folders', 'checkout', 'files', 'ready'] as const
const CLEANUP_STEPS = ['look', 'mark', 'trash', 'unregister', 'empty', 'release'] as const

export function makeKillPlan(random: Random, round: number): KillPlan {
  const first = taskPlan(random, TASKS[0])
  return {
    tasks: random.chance(0.25) ? [first, taskPlan(random, TASKS[1])] : [first],
    kills: random.chance(0.12) ? [makeKill(random), makeKill(random)] : [makeKill(random)],
    environment: random.chance(0.12) ? 'cold' : 'warm',
    maxAgeMs: random.pick([0, HOUR_MS, HOUR_MS]),
    recovery: round % 4 === 3 ? 'sweep' : 'prepare',
  }
}

function taskPlan(random: Random, taskId: string): TaskPlan {
  return {
    taskId,
    strategy: random.pick(STRATEGIES),
    work: random.pick<AgentWork>(['nothing', 'nothing', 'writes', 'commits', 'pushes']),
    cleanup: random.pick(['refuse', 'refuse', 'discard']),
  }
}

function makeKill(random: Random): Kill {
  return { moment: makeMoment(random), victims: random.pick(['all', 'orchestrator']) }
}

function makeMoment(random: Random): KillMoment {
  if (random.chance(0.7)) {
    // A little over 1, since the duration is a mean.
    return {
      after: random.pick(['prepare', 'prepare', 'cleanup', 'cleanup', 'work']),
      fraction: random.next() * 1.2,
    }
  }
  const operation = random.pick(['prepare', 'cleanup'])
  return { before: [operation, random.pick(operation === 'prepare' ? PREPARE_STEPS : CLEANUP_STEPS)] }
}
