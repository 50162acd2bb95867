import { isWorkspaceError } from '../../src/errors/workspace-error.js'

/** How a call ended, as plain data that a child process can report. */
export interface Outcome {
  /** `done`, the code of a WorkspaceError, or `bare …` for an error that is none. */
  readonly result: string
  /** All that the error says: message, data and hint. */
  readonly said: string
}

/** Waits for a call to settle, and never rejects. */
export async function outcomeOf(call: Promise<unknown>): Promise<Outcome> {
  try {
    await call
    return { result: 'done', said: '' }
  } catch (error) {
    if (isWorkspaceError(error)) return { result: error.code, said: JSON.stringify(error) }
    return { result: `bare ${error instanceof Error ? error.message : String(error)}`, said: String(error) }
  }
}
