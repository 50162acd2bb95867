import { IntegrityError } from '../errors/workspace-error.js'

interface Compensation {
  readonly what: string
  readonly undo: () => Promise<unknown>
}

/** Compensations for steps about to be taken, run last in, first out when a later step fails. */
export class UndoStack {
  readonly #compensations: Compensation[] = []

  /** To be called before the step, so that no moment is without its undo. */
  defer(what: string, undo: () => Promise<unknown>): void {
    this.#compensations.push({ what, undo })
  }

  /**
   * Undoes everything, going on after a failure.
   *
   * @returns the failure itself, or ROLLBACK_INCOMPLETE naming what could not be undone, with it as cause.
   */
  async rollBack(failure: unknown): Promise<unknown> {
    const remaining: { what: string; problem: string }[] = []
    for (let next = this.#compensations.pop(); next; next = this.#compensations.pop()) {
      try {
        await next.undo()
      } catch (error) {
        remaining.push({ what: next.what, problem: error instanceof Error ? error.message : String(error) })
      }
    }
    if (remaining.length === 0) return failure
    return new IntegrityError('ROLLBACK_INCOMPLETE', 'a failed prepare could not be undone completely', {
      data: { remaining },
      cause: failure,
    })
  }
}
