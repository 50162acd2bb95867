import { allOrFirstFailure } from '../../errors/first-failure.js'
import { Semaphore } from '../../git/semaphore.js'
import type { SweepDecision } from '../../model/sweep-report.js'
import type { Planned } from '../../retention/planned.js'
import type { Services } from '../services.js'
import { type Applying, applyDecision } from './apply-decision.js'
import { orProblem } from './sweep-problem.js'

/** Cleanups wait mostly for git and for the disk. */
const AT_ONCE = 4

/**
 * Does what was decided, one thing after the other but for workspaces, which are removed side by side; each is another
 * session. The decisions come back in the order of the plan, each with what came of it.
 */
export async function applyPlan(
  services: Services,
  plan: readonly Planned[],
  applying: Applying,
): Promise<SweepDecision[]> {
  const { signal } = applying
  const decide = async (planned: Planned): Promise<SweepDecision> => {
    const done = await orProblem(signal, () => applyDecision(services, planned, applying))
    return 'found' in done ? done.found : { ...planned.decision, error: done.problem }
  }
  const places = new Semaphore(AT_ONCE)
  const sessions = plan.filter(isSession)
  const done = new Map<Planned, SweepDecision>()
  await allOrFirstFailure(
    sessions.map(async (planned) => {
      done.set(planned, await places.run(() => decide(planned), signal))
    }),
  )
  for (const planned of plan) if (!isSession(planned)) done.set(planned, await decide(planned))
  return plan.map((planned) => done.get(planned) ?? planned.decision)
}

function isSession({ finding }: Planned): boolean {
  return finding.kind === 'session'
}
