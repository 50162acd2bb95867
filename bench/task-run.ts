import type { OpenContender } from './contenders/contender.js'

/** What came of preparing some tasks at once. */
export interface TaskRun {
  /** From the first call until the last task was ready or had failed. */
  readonly milliseconds: number
  readonly failed: readonly string[]
  readonly exampleOfFailure: string | undefined
}

export async function runTasks(opened: OpenContender, names: readonly string[]): Promise<TaskRun> {
  const startedAt = performance.now()
  const outcomes = await Promise.allSettled(names.map((name) => opened.prepare(name)))
  const milliseconds = performance.now() - startedAt
  const failed = names.filter((_, index) => outcomes[index]?.status === 'rejected')
  const reasons = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
  return { milliseconds, failed, exampleOfFailure: reasons.length === 0 ? undefined : lastLine(reasons[0]) }
}

/** Warms every cache. */
export async function warmUp(opened: OpenContender): Promise<void> {
  await opened.prepare('warm-up')
  await opened.reset()
}

export function taskNames(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, n) => `${prefix}-${n}`)
}

/** Of what git prints, the last line says what went wrong. */
function lastLine(reason: unknown): string {
  const text = reason instanceof Error ? reason.message : String(reason)
  return text.trim().split('\n').at(-1) ?? ''
}
