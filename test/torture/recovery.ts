import { check, cleanUp, prepareAgain, restoreOrPrepare } from './inherited-task.js'
import type { KillPlan } from './kill-plan.js'
import type { Ledger } from './ledger.js'
import { type Heir, type Place, withHeir } from './place.js'
import { quiet } from './process-tree.js'
import { differences, snapshotRoot, withoutArchives, withoutEmptyArchives } from './root-snapshot.js'
import { lastSweep, ORPHANS_MS, sweepFirst } from './sweeps.js'

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
  // What was archived stays until it is old enough, which it is for the last sweep.
  const left = await leftBehind(place, 'but archives')
  const lasting = left.filter((line) => !isLeftToSweeps(line))
  const swept = await withHeir(inheritance, plan, lastSweep)
  const atLast = (await leftBehind(place)).map((line) => `after the last sweep: ${line}`)
  return {
    problems: [...first, ...lived, ...lasting, ...swept, ...atLast],
    leftToSweeps: left.length - lasting.length,
  }
}

async function liveOn(heir: Heir, plan: KillPlan): Promise<string[]> {
  const takeOver = plan.recovery === 'restore' ? restoreOrPrepare : prepareAgain
  const tasks = await Promise.all(plan.tasks.map((task) => takeOver(heir, task)))
  const orphans = await quiet(heir.place.directory, ORPHANS_MS)
  const problems = orphans.map((command) => `still at work: ${command}`)
  // One after the other: git takes a lock where it looks, and another check would find it.
  for (const task of tasks) problems.push(...(await check(heir, task)))
  const cleaned = await Promise.all(tasks.map((task) => cleanUp(heir, task)))
  return [...problems, ...cleaned.flat()]
}

/** What is not as in a root where every task lived and ended in peace. */
async function leftBehind(
  { root, references }: Place,
  what: 'everything' | 'but archives' = 'everything',
): Promise<string[]> {
  const found = await snapshotRoot(root)
  return differences(
    references.empty,
    what === 'everything' ? withoutEmptyArchives(found) : withoutArchives(found),
  )
}

function isLeftToSweeps(line: string): boolean {
  return LEFT_TO_SWEEPS.some((pattern) => pattern.test(line))
}
