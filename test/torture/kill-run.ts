import { setTimeout as delay } from 'node:timers/promises'
import { Child } from './child-process.js'
import type { Durations } from './durations.js'
import type { Kill, KillPlan } from './kill-plan.js'
import type { Ledger } from './ledger.js'
import type { OrchestratorEvent, OrchestratorPlan } from './orchestrator-child.js'
import { killAlone, killTree } from './process-tree.js'

/** Far more than a child needs that nobody kills. */
const PATIENCE_MS = 60_000

export interface KillRun {
  readonly program: string
  readonly root: string
  readonly source: string
  readonly moves: OrchestratorPlan['moves']
  readonly plan: KillPlan
  readonly kill: Kill
  readonly mark: string
  readonly ledger: Ledger
  readonly durations: Durations
}

/** Starts an orchestrator, kills it at its moment, and answers whether it came to that or it ended before. */
export async function runAndKill(run: KillRun): Promise<'killed' | 'ended'> {
  const { root, source, moves, kill, mark, ledger } = run
  const { tasks, maxAgeMs } = run.plan
  const plan: OrchestratorPlan = { root, source, moves, tasks, maxAgeMs, moment: kill.moment, mark }
  const heard = { moment: false, over: false }
  const child: Child<OrchestratorEvent> = new Child(run.program, plan, (event) => {
    ledger.hear(event)
    run.durations.hear(event)
    heard.over ||= event.event === 'over'
    if (heard.moment || !isMoment(run, event)) return
    heard.moment = true
    setTimeout(() => strike(child.pid, kill), delayOf(run))
  })
  const end = await endOf(child)
  if (end === 'hung') ledger.problems.push('the orchestrator hung')
  else if (!heard.over && !heard.moment) ledger.problems.push(`the orchestrator died: ${child.complaints}`)
  return heard.over ? 'ended' : 'killed'
}

async function endOf(child: Child<OrchestratorEvent>): Promise<'ended' | 'hung'> {
  const patience = new AbortController()
  const hung = delay(PATIENCE_MS, 'hung' as const, { signal: patience.signal })
  const end = await Promise.race([child.ended.then(() => 'ended' as const), hung])
  if (end === 'hung') killTree(child.pid)
  else patience.abort()
  await Promise.allSettled([hung, child.ended])
  return end
}

/** Moments are those of the first task; the others are wherever they are then. */
function isMoment({ kill, plan }: KillRun, event: OrchestratorEvent): boolean {
  if ('before' in kill.moment) return event.event === 'step'
  return event.event === 'begin' && event.verb === kill.moment.after && event.taskId === plan.tasks[0].taskId
}

function delayOf({ kill, durations }: KillRun): number {
  return 'before' in kill.moment ? 0 : kill.moment.fraction * durations.of(kill.moment.after)
}

function strike(pid: number, { victims }: Kill): void {
  if (victims === 'all') killTree(pid)
  else killAlone(pid)
}
