import { isWorkspaceError } from '../errors/workspace-error.js'
import { namesIn } from '../fs/presence.js'
import { endOrphans } from '../git/orphans.js'
import { clearTrustFiles } from '../git/trust-file.js'
import { managedReposDir } from '../model/layout.js'
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
 * decides, then acts. One thing that cannot be removed is reported and stops nothing else.
 */
export async function sweep(services: Services, options: SweepOptions): Promise<SweepReport> {
  const decisions: SweepDecision[] = []
  // Git processes of dead orchestrators would go on writing into what is about to be removed.
  if (!options.dryRun) {
    await endOrphans()
    await clearTrustFiles()
  }
  for (const envId of await environmentsToSweep(services, options)) {
    const findings = await surveyEnvironment(services, envId, options.signal)
    const decided = await decideAll(services, findings, options)
    decisions.push(...decided)
    if (!options.dryRun) services.events.emit('sweep.completed', { key: { envId } }, summary(decided))
  }
  if (options.envId === undefined) {
    decisions.push(...(await decideAll(services, await surveyLeases(services, options.signal), options)))
  }
  return { decisions, ...summary(decisions) }
}

async function environmentsToSweep(services: Services, { envId }: SweepOptions): Promise<string[]> {
  const names = envId === undefined ? await namesIn(managedReposDir(services.settings.root)) : [envId]
  const usable = names.filter((name) => idProblem(name) === undefined).sort()
  const present = await Promise.all(usable.map((name) => environmentExists(services, name)))
  return usable.filter((_, index) => present[index])
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
    if (!isWorkspaceError(error) || signal?.aborted) throw error
    return { ...decision, error: `${error.message} (${error.code})` }
  }
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
