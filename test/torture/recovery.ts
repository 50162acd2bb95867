import { check, cleanUp, prepareAgain } from './inherited-task.js'
import type { KillPlan } from './kill-plan.js'
import type { Ledger } from './ledger.js'
import { type Heir, type Place, withHeir } from './place.js'
import { quiet } from './process-tree.js'
import { differences, snapshotRoot } from './root-snapshot.js'
import { ORPHANS_MS, sweep, sweepFirst } from './sweeps.js'

/**
 * What only a sweep takes away, since no task's name is on it: short-lived files, leases, and locks of the whole
 * environment that nobody has asked for since.
 */
const LEFT_TO_SWEEPS = [
  /\/\.[^/]+\.tmp-/,
  /\/scratch\//,
  /\/locks\/[^/]+\.claim(\/|$)/,
  /\/locks\/(environment|fetch)\.lock(\/|$)/,
  /\/mirror\.git\/.*(\.lock$|tmp_|incoming)/,
  /^left: \.git-task(\/|$)/,
]

export interface Recovery {
  readonly problems: readonly string[]
  /** How many files the next prepare and cleanup left to the next sweep. */
  readonly leftToSweeps: number
}

/**
 * Prepares and then cleans up every task of a killed orchestrator, as a new orchestrator does, and answers with
 * everything that is not as if nobody had been killed.
 */
export async function recover(place: Place, plan: KillPlan, ledger: Ledger): Promise<Recovery> {
  const inheritance = { place, ledger }
  const first = plan.recovery === 'sweep' ? await sweepFirst(inheritance, plan) : []
  const lived = await withHeir(inheritance, plan, (heir) => liveOn(heir, plan))
  const left = await leftBehind(place)
  const lasting = left.filter((line) => !isLeftToSweeps(line))
  const swept = await withHeir(inheritance, plan, sweep)
  const atLast = (await leftBehind(place)).map((line) => `after the last sweep: ${line}`)
  return {
    problems: [...first, ...lived, ...lasting, ...swept, ...atLast],
    leftToSweeps: left.length - lasting.length,
  }
}

async function liveOn(heir: Heir, plan: KillPlan): Promise<string[]> {
  const tasks = await Promise.all(plan.tasks.map((task) => prepareAgain(heir, task)))
  const orphans = await quiet(heir.place.directory, ORPHANS_MS)
  const problems = orphans.map((command) => `still at work: ${command}`)
  // One after the other: git takes a lock where it looks, and another check would find it.
  for (const task of tasks) problems.push(...(await check(heir, task)))
  const cleaned = await Promise.all(tasks.map((task) => cleanUp(heir, task)))
  return [...problems, ...cleaned.flat()]
}

/** What is not as in a root where every task lived and ended in peace. */
async function leftBehind({ root, references }: Place): Promise<string[]> {
  return differences(references.empty, await snapshotRoot(root))
}

function isLeftToSweeps(line: string): boolean {
  return LEFT_TO_SWEEPS.some((pattern) => pattern.test(line))
}
