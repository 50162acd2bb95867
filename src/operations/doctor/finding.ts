import { systemErrorCode } from '../../errors/system-error.js'
import { isWorkspaceError, StoppedError } from '../../errors/workspace-error.js'
import type { DoctorFinding, DoctorRemedy } from '../../model/doctor-report.js'

/** A finding, and how to put it right where the doctor can do that without losing anything. */
export interface Diagnosis extends DoctorFinding {
  readonly repair?: (() => Promise<void>) | undefined
}

/** What a finding is about. */
export type Subject = Pick<DoctorFinding, 'check' | 'path' | 'key'>

/** A finding that asks for something to be done. */
export function problem(subject: Subject, message: string, remedy: DoctorRemedy): Diagnosis {
  return { ...subject, level: 'problem', message, remedy }
}

/** Runs one look; one that fails is a finding of its own, and keeps nobody from the others. */
export async function orFinding(subject: Subject, look: () => Promise<Diagnosis[]>): Promise<Diagnosis[]> {
  try {
    return await look()
  } catch (error) {
    return [problem(subject, lookFailure(error), 'look')]
  }
}

/** Runs a look in one environment after the other. */
export async function inEachEnvironment(
  check: DoctorFinding['check'],
  envIds: readonly string[],
  look: (envId: string) => Promise<Diagnosis[]>,
): Promise<Diagnosis[]> {
  const found: Diagnosis[] = []
  for (const envId of envIds) found.push(...(await orFinding({ check, key: { envId } }, () => look(envId))))
  return found
}

/** Why it failed. Rethrows the end of the call, and mistakes of ours. */
export function lookFailure(error: unknown): string {
  if (isWorkspaceError(error) && !(error instanceof StoppedError)) return `${error.message} (${error.code})`
  if (!(error instanceof Error) || systemErrorCode(error) === undefined) throw error
  return error.message
}
