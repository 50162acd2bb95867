import { describeAge } from './age.js'
import type { SessionFinding } from './findings.js'
import { ageOf } from './plan-session.js'
import type { Planned } from './planned.js'
import type { Retention } from './policy.js'

/** A finished workspace that may go before its time. */
interface Candidate {
  readonly planned: Planned
  readonly ageMs: number
  readonly bytes: number
}

/**
 * Lets finished workspaces go, the oldest first, until what is left is no more than is allowed. Failed ones that are
 * kept for debugging, and all that is in use, stay. Pure.
 *
 * @param usedBytes all that is taken now, but for trash.
 */
export function planSize(plans: readonly Planned[], usedBytes: number, retention: Retention): Planned[] {
  const { maxTotalBytes } = retention
  if (maxTotalBytes === undefined) return [...plans]
  let left = usedBytes - plans.reduce((sum, planned) => sum + freedBy(planned), 0)
  const going = new Map<Planned, Planned>()
  for (const { planned, ageMs, bytes } of candidates(plans, retention)) {
    if (left <= maxTotalBytes) break
    const reason = `finished ${describeAge(ageMs)} ago, the oldest of those left: ${describeSize(left)} are used, more than ${describeSize(maxTotalBytes)}`
    going.set(planned, { ...planned, decision: { ...planned.decision, action: 'remove', reason } })
    left -= bytes
  }
  return plans.map((planned) => going.get(planned) ?? planned)
}

function freedBy({ finding, decision }: Planned): number {
  if (decision.action === 'keep' || !('bytes' in finding)) return 0
  return finding.bytes ?? 0
}

function candidates(plans: readonly Planned[], retention: Retention): Candidate[] {
  return plans
    .map((planned) => candidate(planned, retention))
    .filter((found) => found !== undefined)
    .sort((one, other) => other.ageMs - one.ageMs)
}

function candidate(planned: Planned, retention: Retention): Candidate | undefined {
  const { finding, decision } = planned
  if (finding.kind !== 'session' || decision.action !== 'keep' || !mayGo(finding, retention)) return undefined
  const age = ageOf(finding.record, retention)
  return 'problem' in age ? undefined : { planned, ageMs: age.ms, bytes: finding.bytes ?? 0 }
}

function mayGo({ record, problem }: SessionFinding, { keepFailed }: Retention): boolean {
  return problem === undefined && record.state === 'finished' && !(record.outcome === 'failed' && keepFailed)
}

const UNITS = ['kB', 'MB', 'GB', 'TB', 'PB'] as const

/** In decimal units, with three digits that count. */
function describeSize(bytes: number): string {
  const thousands = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), UNITS.length)
  const unit = UNITS[thousands - 1]
  return unit === undefined ? `${bytes} B` : `${Number((bytes / 1000 ** thousands).toPrecision(3))} ${unit}`
}
