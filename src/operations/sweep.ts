import { dirname } from 'node:path'
import { throwIfStopped } from '../errors/stop-reason.js'
import { systemErrorCode } from '../errors/system-error.js'
import { isWorkspaceError } from '../errors/workspace-error.js'
import { removeIfEmpty } from '../fs/contained-path.js'
import { clearDeadLocks } from '../fs/lock-leftovers.js'
import { namesIn } from '../fs/presence.js'
import { endOrphans } from '../git/orphans.js'
import { clearTrustFiles } from '../git/trust-file.js'
import { environmentLayout, managedReposDir, ownersDir } from '../model/layout.js'
import type { SweepDecision, SweepOptions, SweepReport } from '../model/sweep-report.js'
import { idProblem } from '../model/workspace-key.js'
import type { Finding } from '../retention/findings.js'
import { planRecovery } from '../retention/plan-recovery.js'
import { applyDecision } from './apply-decision.js'
import { environmentExists } from './environment-folder.js'
import type { Services } from './services.js'
import { surveyEnvironment } from './survey.js'
import { surveyLeases } from './survey-leases.js'

/**
 * Puts right what killed processes left, in one environment or in all, one after the other: reads everything,
 * decides, then acts. One thing that cannot be removed, and one environment that cannot be read, is reported and
 * stops nothing else.
 *
 * @throws the signal's `stopReason` when it is aborted.
 */
export async function sweep(services: Services, options: SweepOptions): Promise<SweepReport> {
  const decisions: SweepDecision[] = []
  // Git processes of dead orchestrators would go on writing into what is about to be removed.
  if (!options.dryRun) {
    await endOrphans()
    await clearTrustFiles()
  }
  for (const envId of await environmentsToSweep(services, options)) {
    const decided = await sweepEnvironment(services, envId, options)
    if (decided === undefined) continue
    decisions.push(...decided)
    if (!options.dryRun) services.events.emit('sweep.completed', { key: { envId } }, summary(decided))
  }
  if (options.envId === undefined) decisions.push(...(await sweepLeases(services, options)))
  return { decisions, ...summary(decisions) }
}

async function environmentsToSweep(services: Services, { envId }: SweepOptions): Promise<string[]> {
  const names = envId === undefined ? await namesIn(managedReposDir(services.settings.root)) : [envId]
  return names.filter((name) => idProblem(name) === undefined).sort()
}

/** Undefined for a folder that is no environment of ours. */
async function sweepEnvironment(
  services: Services,
  envId: string,
  options: SweepOptions,
): Promise<SweepDecision[] | undefined> {
  const { directory } = environmentLayout(services.settings.root, envId)
  return unlessUnreadable(directory, 'the environment cannot be read', options, async () => {
    if (!(await environmentExists(services, envId))) return undefined
    return decideAll(services, await surveyEnvironment(services, envId, options.signal), options)
  })
}

async function sweepLeases(services: Services, options: SweepOptions): Promise<SweepDecision[]> {
  const folder = ownersDir(services.settings.root)
  return unlessUnreadable(folder, 'the leases of processes cannot be read', options, async () => {
    const decisions = await decideAll(services, await surveyLeases(services, options.signal), options)
    if (!options.dryRun) await tidyOwnFolder(folder)
    return decisions
  })
}

/** What is left of the root's own folder; a process that needs it just now makes it again. */
async function tidyOwnFolder(owners: string): Promise<void> {
  await clearDeadLocks(dirname(owners))
  for (const folder of [owners, dirname(owners)]) await removeIfEmpty(folder)
}

/** One decision that names the path where even looking fails; the reason is its error. */
async function unlessUnreadable<T>(
  path: string,
  reason: string,
  { signal }: SweepOptions,
  look: () => Promise<T>,
): Promise<T | SweepDecision[]> {
  throwIfStopped(signal)
  try {
    return await look()
  } catch (error) {
    const problem = problemOf(error, signal)
    return [{ kind: 'workspace', path, action: 'keep', reason, attention: 'needed', error: problem }]
  }
}

async function decideAll(
  services: Services,
  findings: readonly Finding[],
  { dryRun, signal }: SweepOptions,
): Promise<SweepDecision[]> {
  const decisions: SweepDecision[] = []
  for (const finding of findings) {
    const decision = planRecovery(finding)
    decisions.push(dryRun ? decision : await actOn(services, finding, decision, signal))
  }
  return decisions
}

async function actOn(
  services: Services,
  finding: Finding,
  decision: SweepDecision,
  signal: AbortSignal | undefined,
): Promise<SweepDecision> {
  try {
    return await applyDecision(services, finding, decision, signal)
  } catch (error) {
    return { ...decision, error: problemOf(error, signal) }
  }
}

/** What a decision says about a failure that stops nothing else. Rethrows the end of the sweep, and mistakes of ours. */
function problemOf(error: unknown, signal: AbortSignal | undefined): string {
  if (isWorkspaceError(error)) {
    if (signal?.aborted) throw error
    return `${error.message} (${error.code})`
  }
  throwIfStopped(signal)
  if (!(error instanceof Error) || systemErrorCode(error) === undefined) throw error
  return error.message
}

function summary(decisions: readonly SweepDecision[]): Omit<SweepReport, 'decisions'> {
  const done = decisions.filter(({ error }) => error === undefined)
  return {
    removed: done.filter(({ action }) => action === 'remove').length,
    kept: done.filter(({ action }) => action === 'keep').length,
    failed: decisions.length - done.length,
    freedBytes: done.reduce((sum, { bytes = 0 }) => sum + bytes, 0),
  }
}
