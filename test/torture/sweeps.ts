import type { SweepReport } from 'git-task-isolation'
import type { KillPlan } from './kill-plan.js'
import { type Heir, type Place, withHeir } from './place.js'
import { quiet } from './process-tree.js'
import { differences, snapshotRoot, withoutArchives, withoutSessions } from './root-snapshot.js'

/** Orphans of a killed orchestrator end by themselves: the longest thing that they do is a fetch. */
export const ORPHANS_MS = 20_000

/** A sweep; what it could not do or leaves to a person is a problem here, where nothing but kills has happened. */
export async function sweep(heir: Heir): Promise<string[]> {
  return amissIn(await heir.manager.sweep())
}

/** The same, for which archives are old enough. */
export async function lastSweep(heir: Heir): Promise<string[]> {
  return amissIn(await heir.manager.sweep({ archiveMaxAgeDays: 0 }))
}

function amissIn({ decisions }: SweepReport): string[] {
  const amiss = decisions.filter(({ error, attention }) => error !== undefined || attention === 'needed')
  return amiss.map(({ kind, path, reason, error }) => `the sweep on ${kind} ${path}: ${error ?? reason}`)
}

/** A sweep alone puts everything right but for the workspaces that somebody may still want. */
export async function sweepFirst(heir: Omit<Heir, 'manager'>, plan: KillPlan): Promise<string[]> {
  const problems = await withHeir(heir, plan, sweep)
  // What the killed one's agent is still writing belongs to its workspace.
  await quiet(heir.place.directory, ORPHANS_MS)
  return [...problems, ...(await withHeir(heir, plan, (later) => unswept(later, plan)))]
}

async function unswept({ place, manager }: Heir, { environment }: KillPlan): Promise<string[]> {
  const { root, references }: Place = place
  const sessions = await manager.list()
  const halfway = sessions.filter(({ state }) => state !== 'ready' && state !== 'finished')
  const names = sessions.map(({ taskId }) => taskId)
  const found = withoutArchives(withoutSessions(await snapshotRoot(root), names))
  const different = differences(withoutSessions(references.empty, names), found)
  // Of an environment that was being made there may be any part, but nothing that a whole one has not.
  const wrong = different.filter((line) => environment === 'warm' || !line.startsWith('missing: '))
  return [
    ...halfway.map(({ taskId, state }) => `${taskId} is still ${state} after a sweep`),
    ...wrong.map((line) => `after the first sweep: ${line}`),
  ]
}
