import { dirname } from 'node:path'
import { assertNoLinkInside, removeIfEmpty } from '../fs/contained-path.js'
import { clearDeadLocks, watchForeignLocks } from '../fs/lock-leftovers.js'
import { endOrphans } from '../git/orphans.js'
import { clearTrustFiles } from '../git/trust-file.js'
import { environmentLayout, ownersDir } from '../model/layout.js'
import type { SweepDecision, SweepOptions, SweepReport } from '../model/sweep-report.js'
import { planFinding, planSweep, type Surveyed } from '../retention/plan-sweep.js'
import type { Planned } from '../retention/planned.js'
import type { Retention } from '../retention/policy.js'
import { environmentIds } from '../sessions/environment-ids.js'
import { environmentExists } from './environment-folder.js'
import type { Services } from './services.js'
import { applyPlan } from './sweeping/apply-plan.js'
import { surveyEnvironment } from './sweeping/survey.js'
import { surveyLeases } from './sweeping/survey-leases.js'
import { orProblem } from './sweeping/sweep-problem.js'
import { retentionNow } from './sweeping/sweep-time.js'

/**
 * Takes away what is old enough by the policy, and puts right what killed processes left, in one environment or in
 * all: reads everything, decides, then acts. One thing that cannot be removed, and one environment that cannot be
 * read, is reported and stops nothing else.
 *
 * @throws the signal's `stopReason` when it is aborted.
 */
export async function sweep(services: Services, options: SweepOptions): Promise<SweepReport> {
  // Git processes of dead orchestrators would go on writing into what is about to be removed.
  if (!options.dryRun) {
    await endOrphans()
    await clearTrustFiles()
  }
  // What cannot be looked at is said of each environment by the survey.
  const { signal } = options
  const ids = await environmentIds(services.settings.root, options.envId)
  await orProblem(signal, () => watchLocks(services, ids, signal))
  const { retention, doubt } = await retentionNow(services, options)
  const environments = await surveyAll(services, ids, retention, signal)
  const plans = planSweep(
    environments.map(({ surveyed }) => surveyed),
    retention,
  )
  const decisions: SweepDecision[] = []
  for (const [index, environment] of environments.entries()) {
    if (doubt !== undefined && !options.dryRun) warnOfClock(services, environment, doubt)
    const acting = { options, retention, plan: plans[index] ?? [] }
    decisions.push(...(await actInOne(services, acting, environment)))
  }
  if (options.envId === undefined) decisions.push(...(await sweepLeases(services, options, retention)))
  return { decisions, ...summary(decisions) }
}

function warnOfClock(services: Services, { envId }: Environment, message: string): void {
  services.events.emit('warning', { key: { envId } }, { code: 'CLOCK_JUMPED', message })
}

/** An environment, or why it could not be read. */
interface Environment {
  readonly envId: string
  readonly surveyed: Surveyed
  readonly problems: readonly SweepDecision[]
}

async function surveyAll(
  services: Services,
  environments: readonly string[],
  retention: Retention,
  signal: AbortSignal | undefined,
): Promise<Environment[]> {
  const found: Environment[] = []
  for (const envId of environments) {
    const looked = await orProblem(signal, async () => {
      // A folder that is no environment of ours is not spoken of.
      if (!(await environmentExists(services, envId))) return []
      return [await surveyEnvironment(services, { envId, retention, signal })]
    })
    if ('problem' in looked) found.push(unreadable(services, envId, looked.problem))
    else found.push(...looked.found.map((surveyed) => ({ envId, surveyed, problems: [] })))
  }
  return found
}

/** So that locks of dead processes on other hosts keep nobody from their sessions; once for all of them together. */
async function watchLocks(
  services: Services,
  environments: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const { root } = services.settings
  const folders = environments.map((envId) => environmentLayout(root, envId).locksDir)
  await watchForeignLocks([...folders, dirname(ownersDir(root))], signal)
}

function unreadable(services: Services, envId: string, error: string): Environment {
  const { directory } = environmentLayout(services.settings.root, envId)
  const problem = notRead(directory, 'the environment cannot be read', error)
  return { envId, surveyed: { findings: [], usedBytes: 0 }, problems: [problem] }
}

function notRead(path: string, reason: string, error: string): SweepDecision {
  return { kind: 'workspace', path, action: 'keep', reason, attention: 'needed', error }
}

async function actInOne(
  services: Services,
  acting: Acting,
  environment: Environment,
): Promise<SweepDecision[]> {
  const { envId, problems } = environment
  const decisions = [...problems, ...(await act(services, acting))]
  if (acting.options.dryRun || problems.length > 0) return decisions
  services.events.emit('sweep.completed', { key: { envId } }, summary(decisions))
  return decisions
}

interface Acting {
  readonly options: SweepOptions
  readonly retention: Retention
  readonly plan: readonly Planned[]
}

async function act(services: Services, { options, retention, plan }: Acting): Promise<SweepDecision[]> {
  if (options.dryRun) return plan.map(({ decision }) => decision)
  return applyPlan(services, plan, { retention, signal: options.signal })
}

async function sweepLeases(
  services: Services,
  options: SweepOptions,
  retention: Retention,
): Promise<SweepDecision[]> {
  const folder = ownersDir(services.settings.root)
  const looked = await orProblem(options.signal, async () => {
    await assertNoLinkInside(services.settings.root, folder)
    const findings = await surveyLeases(services, options.signal)
    const plan = findings.map((finding) => ({ finding, decision: planFinding(finding, retention) }))
    const decisions = await act(services, { options, retention, plan })
    if (!options.dryRun) await tidyOwnFolder(folder)
    return decisions
  })
  if ('found' in looked) return looked.found
  return [notRead(folder, 'the leases of processes cannot be read', looked.problem)]
}

/** What is left of the root's own folder; a process that needs it just now makes it again. */
async function tidyOwnFolder(owners: string): Promise<void> {
  await clearDeadLocks(dirname(owners))
  for (const folder of [owners, dirname(owners)]) await removeIfEmpty(folder)
}

function summary(decisions: readonly SweepDecision[]): Omit<SweepReport, 'decisions'> {
  const done = decisions.filter(({ error }) => error === undefined)
  return {
    removed: done.filter(({ action }) => action === 'remove').length,
    kept: done.filter(({ action }) => action === 'keep').length,
    failed: decisions.length - done.length,
    freedBytes: done.reduce((sum, { bytes = 0 }) => sum + bytes, 0),
    archivedBytes: decisions.reduce((sum, { archivedBytes = 0 }) => sum + archivedBytes, 0),
  }
}
