import type { Retention } from '../../retention/policy.js'

/** One environment, and what makes something in it old. */
export interface SurveyRequest {
  readonly envId: string
  readonly retention: Retention
  readonly signal?: AbortSignal | undefined
}
