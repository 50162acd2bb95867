import { Random } from './random.js'

/** What the agent does between prepare and finish. */
export type AgentWork = 'nothing' | 'writes' | 'commits' | 'pushes'

/**
 * One life of a workspace: prepare, the agent's work, a refresh where one is planned, finish, cleanup, and a restore of
 * what that has archived.
 */
export interface TaskPlan {
  readonly taskId: string
  readonly strategy: string
  readonly work: AgentWork
  readonly refresh?: 'fast-forward' | 'reset'
  readonly cleanup: 'refuse' | 'discard' | 'archive'
}

/** When an orchestrator is killed: a while after something began, or right before a named step of the first task. */
export type KillMoment =
  | {
      readonly after: 'prepare' | 'work' | 'refresh' | 'writing' | 'cleanup' | 'restore'
      readonly fraction: number
    }
  | { readonly before: readonly [operation: string, step: string] }

export interface KillPlan {
  readonly tasks: readonly [TaskPlan, ...TaskPlan[]]
  /** One kill each; what comes after the first finds the leftovers of the one before. */
  readonly kills: readonly Kill[]
  /** Whether the environment is made anew, so that the first prepare builds the mirror. */
  readonly environment: 'cold' | 'warm'
  /** How old the last fetch may be: 0 makes every prepare fetch. */
  readonly maxAgeMs: number
  /** What the next orchestrator does first. */
  readonly recovery: 'prepare' | 'sweep' | 'restore'
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
const REFRESH_STEPS = ['fetch', 'checkout', 'write', 'record'] as const
const REMOVAL_STEPS = ['mark', 'trash', 'unregister', 'empty', 'release'] as const
const ARCHIVE_STEPS = ['claim', 'objects', 'snapshot', 'refs', 'record', 'done'] as const
const RESTORE_STEPS = ['look', 'base', 'objects', 'files', 'permissions', 'refs', 'state', 'context'] as const

/** Every step of a life whose work is archived and comes back, from where it differs from others. */
const ARCHIVING_STEPS = [
  ...['look', 'archive', ...ARCHIVE_STEPS.map((step) => `archive:${step}`), ...REMOVAL_STEPS].map(
    (step) => ['cleanup', step] as const,
  ),
  ...RESTORE_STEPS.map((step) => ['restore', step] as const),
]

/** Of so many rounds one archives; of 200 so many that each of its steps has its kill. */
const ARCHIVES_EVERY = 5

/** Of so many rounds one refreshes. */
const REFRESHES_EVERY = 10

/** The rounds of a seed are the same each time; so are those of each kind of source. */
export function makeKillPlan(seed: number, round: number, source: 'url' | 'path'): KillPlan {
  const random = new Random(seed).fork(round)
  if (round % ARCHIVES_EVERY === ARCHIVES_EVERY - 1)
    return makeArchivingPlan(random, seed + Math.floor(round / ARCHIVES_EVERY), source)
  if (round % REFRESHES_EVERY === 2) return makeRefreshingPlan(random)
  const first = taskPlan(random, TASKS[0], source)
  return {
    tasks: random.chance(0.25) ? [first, taskPlan(random, TASKS[1], source)] : [first],
    kills: random.chance(0.12)
      ? [makeKill(random, first), makeKill(random, first)]
      : [makeKill(random, first)],
    // Worktrees of the caller's repository need no mirror, so that a cold environment would stay without one.
    environment: random.chance(0.12) && source === 'url' ? 'cold' : 'warm',
    maxAgeMs: random.pick([0, HOUR_MS, HOUR_MS]),
    recovery: round % 4 === 3 ? 'sweep' : 'prepare',
  }
}

/** One kill only: work that is in two archives no single restore brings back. */
function makeArchivingPlan(random: Random, turn: number, source: 'url' | 'path'): KillPlan {
  const strategy = random.pick(STRATEGIES)
  const mayCommit = source === 'url' || strategy === 'clone'
  const work = mayCommit ? random.pick<AgentWork>(['writes', 'commits', 'commits']) : 'writes'
  const step = ARCHIVING_STEPS[turn % ARCHIVING_STEPS.length]
  const after = random.pick<'cleanup' | 'restore'>(['cleanup', 'restore'])
  const isNamed = step !== undefined && random.chance(0.75)
  const moment: KillMoment = isNamed ? { before: step } : { after, fraction: random.next() }
  return {
    tasks: [{ taskId: TASKS[0], strategy, work, cleanup: 'archive' }],
    kills: [{ moment, victims: random.pick(['all', 'orchestrator']) }],
    environment: 'warm',
    maxAgeMs: random.pick([0, HOUR_MS]),
    recovery: random.pick(['prepare', 'sweep', 'restore']),
  }
}

/** The writing of the files is the part of it that most kills are to fall into. */
function makeRefreshingPlan(random: Random): KillPlan {
  const refresh = random.pick<'fast-forward' | 'reset'>(['fast-forward', 'reset'])
  const cleanup = random.pick<TaskPlan['cleanup']>(['refuse', 'discard'])
  const strategy = random.pick(STRATEGIES)
  const after = random.pick<'refresh' | 'writing'>(['refresh', 'writing', 'writing', 'writing'])
  const moment: KillMoment = random.chance(0.3)
    ? { before: ['refresh', random.pick(REFRESH_STEPS)] }
    : { after, fraction: random.next() }
  return {
    tasks: [{ taskId: TASKS[0], strategy, work: 'writes', refresh, cleanup }],
    kills: [{ moment, victims: random.pick(['all', 'orchestrator']) }],
    environment: 'warm',
    maxAgeMs: 0,
    recovery: random.pick(['prepare', 'sweep']),
  }
}

function taskPlan(random: Random, taskId: string, source: 'url' | 'path'): TaskPlan {
  const strategy = random.pick(STRATEGIES)
  const work = random.pick<AgentWork>(['nothing', 'nothing', 'writes', 'commits', 'pushes'])
  // There a branch with commits stays, as it should, and would be in the way of the next round.
  const staysInCallers = source === 'path' && strategy === 'worktree' && work !== 'nothing'
  return {
    taskId,
    strategy,
    work: staysInCallers ? 'writes' : work,
    cleanup: random.pick(['refuse', 'refuse', 'discard']),
  }
}

function makeKill(random: Random, task: TaskPlan): Kill {
  return { moment: makeMoment(random, task), victims: random.pick(['all', 'orchestrator']) }
}

function makeMoment(random: Random, task: TaskPlan): KillMoment {
  const after = random.pick<'prepare' | 'cleanup' | 'work'>([
    'prepare',
    'prepare',
    'cleanup',
    'cleanup',
    'work',
  ])
  if (after === 'work' || random.chance(0.7)) return { after, fraction: random.next() }
  return { before: [after, random.pick(after === 'prepare' ? PREPARE_STEPS : cleanupSteps(task))] }
}

/** Those that a cleanup comes to. */
function cleanupSteps({ work, cleanup }: TaskPlan): readonly [string, ...string[]] {
  if (cleanup === 'discard') return REMOVAL_STEPS
  return work === 'writes' || work === 'commits' ? ['look'] : ['look', ...REMOVAL_STEPS]
}
