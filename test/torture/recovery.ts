import { WorkspaceManager } from 'git-task-isolation'
import { check, cleanUp, prepareAgain } from './inherited-task.js'
import type { KillPlan } from './kill-plan.js'
import type { Ledger } from './ledger.js'
import type { Heir, Place } from './place.js'
import { quiet } from './process-tree.js'
import { differences, snapshotRoot, withoutSessions } from './root-snapshot.js'

/** Orphans of a killed orchestrator end by themselves: the longest thing that they do is a fetch. */
const ORPHANS_MS = 20_000

/** What only a sweep takes away: no task's name is on it, or a process may still have been at it. */
const TEMPORARY =
  /\/\.[^/]+\.tmp-|\/scratch\/|\.claim(\/|$)|\/mirror\.git\/.*(\.lock$|tmp_|incoming)|^left: \.git-task(\/|$)/

export interface Recovery {
  readonly problems: readonly string[]
  /** Temporary files that the next prepare and cleanup left to the next sweep. */
  readonly temporaries: number
}

/**
 * Prepares and then cleans up every task of a killed orchestrator, as a new orchestrator does, and answers with
 * everything that is not as if nobody had been killed.
 */
export async function recover(place: Place, plan: KillPlan, ledger: Ledger): Promise<Recovery> {
  const lived = await withHeir(place, plan, ledger, (heir) => liveOn(heir, plan))
  const left = await leftBehind(place)
  const swept = await withHeir(place, plan, ledger, sweep)
  const temporaries = left.filter((line) => TEMPORARY.test(line))
  const lasting = left.filter((line) => !TEMPORARY.test(line))
  const atLast = (await leftBehind(place)).filter((line) => !lasting.includes(line))
  const problems = [...lived, ...lasting, ...swept, ...atLast.map((line) => `after a sweep: ${line}`)]
  return { problems, temporaries: temporaries.length }
}

async function withHeir(
  place: Place,
  { maxAgeMs }: KillPlan,
  ledger: Ledger,
  action: (heir: Heir) => Promise<string[]>,
): Promise<string[]> {
  const manager = new WorkspaceManager({ root: place.root, freshness: { mode: 'prefer', maxAgeMs } })
  try {
    return await action({ place, ledger, manager })
  } finally {
    await manager.close()
  }
}

async function liveOn(heir: Heir, plan: KillPlan): Promise<string[]> {
  const { directory } = heir.place
  const swept = plan.recovery === 'sweep' ? await sweepFirst(heir, plan) : []
  const tasks = await Promise.all(plan.tasks.map((task) => prepareAgain(heir, task)))
  const orphans = await quiet(directory, ORPHANS_MS)
  const checked: string[] = []
  // One after the other: git takes a lock where it looks, and another check would find it.
  for (const task of tasks) checked.push(...(await check(heir, task)))
  const cleaned = await Promise.all(tasks.map((task) => cleanUp(heir, task)))
  const working = orphans.map((command) => `still at work: ${command}`)
  return [...swept, ...working, ...checked, ...cleaned.flat()]
}

/** A sweep alone puts everything right but for the workspaces that somebody may still want. */
async function sweepFirst(heir: Heir, { environment }: KillPlan): Promise<string[]> {
  const { root, directory, references } = heir.place
  const failed = await sweep(heir)
  // What the killed one's agent is still writing belongs to its workspace.
  await quiet(directory, ORPHANS_MS)
  const sessions = await heir.manager.list()
  const halfway = sessions.filter(({ state }) => state !== 'ready' && state !== 'finished')
  const names = sessions.map(({ taskId }) => taskId)
  const found = withoutSessions(await snapshotRoot(root), names)
  const different = differences(withoutSessions(references.empty, names), found)
  // Of an environment that was being made there may be any part, but nothing that a whole one has not.
  const wrong = different.filter((line) => environment === 'warm' || !line.startsWith('missing: '))
  return [
    ...failed,
    ...halfway.map(({ taskId, state }) => `${taskId} is still ${state} after a sweep`),
    ...wrong.map((line) => `after the first sweep: ${line}`),
  ]
}

async function sweep({ manager }: Heir): Promise<string[]> {
  const { decisions } = await manager.sweep()
  const amiss = decisions.filter(({ error, attention }) => error !== undefined || attention === 'needed')
  return amiss.map(({ kind, path, reason, error }) => `the sweep on ${kind} ${path}: ${error ?? reason}`)
}

/** What is not as in a root where every task lived and ended in peace. */
async function leftBehind({ root, references }: Place): Promise<string[]> {
  return differences(references.empty, await snapshotRoot(root))
}
