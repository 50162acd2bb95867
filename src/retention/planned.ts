import type { SweepDecision } from '../model/sweep-report.js'
import type { Finding } from './findings.js'

/** What was decided about a finding; what comes of it is not known yet. */
export type Verdict = Pick<SweepDecision, 'kind' | 'path' | 'key' | 'action' | 'reason' | 'attention'>

/** A finding with what is to be done about it. */
export interface Planned {
  readonly finding: Finding
  readonly decision: Verdict
}
