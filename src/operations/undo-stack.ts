import { messageOf } from '../errors/message-of.js'
import { hasErrorCode, IntegrityError } from '../errors/workspace-error.js'

interface Compensation {
  readonly what: string
  readonly undo: () => Promise<unknown>
  readonly when: 'always' | 'all was undone'
}

/** Compensations for steps about to be taken, run last in, first out when a later step fails. */
export class UndoStack {
  readonly #compensations: Compensation[] = []

  /** To be called before the step, so that no moment is without its undo. */
  defer(what: string, undo: () => Promise<unknown>): void {
    this.#compensations.push({ what, undo, when: 'always' })
  }

  /**
   * The same for what later verbs find the rest by: it stays where anything else could not be undone, so that they
   * undo it.
   */
  deferRelease(what: string, undo: () => Promise<unknown>): void {
    this.#compensations.push({ what, undo, when: 'all was undone' })
  }

  /**
   * Undoes everything, going on after a failure. `mayGoOn` is asked before each: where it rejects nothing more is undone.
   *
   * @returns the failure itself, or ROLLBACK_INCOMPLETE naming what could not be undone, with it as cause.
   * @throws what `mayGoOn` rejects with.
   */
  async rollBack(failure: unknown, mayGoOn?: () => Promise<void>): Promise<unknown> {
    const remaining: { what: string; problem: string }[] = []
    // A step may have undone its own part before it failed, and that may have failed too.
    const isIncomplete = hasErrorCode(failure, 'ROLLBACK_INCOMPLETE')
    for (let next = this.#compensations.pop(); next; next = this.#compensations.pop()) {
      if (next.when === 'all was undone' && (isIncomplete || remaining.length > 0)) continue
      await mayGoOn?.()
      try {
        await next.undo()
      } catch (error) {
        remaining.push({ what: next.what, problem: messageOf(error) })
      }
    }
    if (remaining.length === 0) return failure
    return new IntegrityError('ROLLBACK_INCOMPLETE', 'a failed prepare could not be undone completely', {
      data: { remaining },
      cause: failure,
    })
  }
}
