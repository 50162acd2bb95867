import type { Finding } from './findings.js'
import { planArchive } from './plan-archive.js'
import { planLeftover, planTrash, planUnreadable } from './plan-leftover.js'
import { planOrphanDirectory, planOrphanRegistration } from './plan-orphan.js'
import { planSession } from './plan-session.js'
import { planSize } from './plan-size.js'
import type { Planned, Verdict } from './planned.js'
import type { Retention } from './policy.js'

/** What was found in one environment. */
export interface Surveyed {
  readonly findings: readonly Finding[]
  /** All that it takes on the disk but for trash, in bytes; 0 where nobody asked. */
  readonly usedBytes: number
}

/**
 * What to do about everything that was found, in the order in which it was found, environment by environment. What
 * killed processes may have left is completed or undone, what is old enough goes, and what nobody can tell is kept.
 * Pure.
 */
export function planSweep(surveyed: readonly Surveyed[], retention: Retention): Planned[][] {
  const plans = surveyed.flatMap(({ findings }) =>
    findings.map((finding) => ({ finding, decision: planFinding(finding, retention) })),
  )
  const usedBytes = surveyed.reduce((sum, environment) => sum + environment.usedBytes, 0)
  const sized = planSize(plans, usedBytes, retention)
  let next = 0
  return surveyed.map(({ findings }) => {
    const start = next
    next += findings.length
    return sized.slice(start, next)
  })
}

export function planFinding(finding: Finding, retention: Retention): Verdict {
  switch (finding.kind) {
    case 'session':
      return planSession(finding, retention)
    case 'unreadable record':
      return planUnreadable(finding)
    case 'orphan directory':
      return planOrphanDirectory(finding, retention)
    case 'orphan registration':
      return planOrphanRegistration(finding, retention)
    case 'archive':
      return planArchive(finding, retention)
    case 'trash':
      return planTrash(finding)
    case 'leftover':
      return planLeftover(finding)
  }
}
