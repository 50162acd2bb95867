import { GitError } from 'git-task-isolation'
import { Git, type GitCall, type GitResult } from '../../../src/git/git.js'

/**
 * How one call goes wrong: git never ran; it did its work and the answer was lost (killed, timed out); or the
 * caller aborted while it was under way.
 */
export type Fault = 'not run' | 'answer lost' | 'aborted'

/** A git whose n-th call goes wrong; all others are real. */
export class FaultyGit extends Git {
  readonly #fault: Fault
  readonly #failAt: number
  readonly #controller = new AbortController()
  #calls = 0
  /** The command that went wrong, once it has. */
  failed: string | undefined

  constructor(fault: Fault, failAt: number) {
    super({ gitTimeoutMs: 60_000 })
    this.#fault = fault
    this.#failAt = failAt
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  override async run(call: GitCall): Promise<GitResult> {
    this.#calls += 1
    if (this.#calls !== this.#failAt) return super.run(call)
    this.failed = `call ${this.#calls}: git ${call.args.join(' ')}`
    return this.#goWrong(call)
  }

  async #goWrong(call: GitCall): Promise<GitResult> {
    if (this.#fault === 'not run') throw injected()
    const result = await super.run(call)
    if (this.#fault === 'answer lost') throw injected()
    this.#controller.abort()
    return result
  }
}

function injected(): GitError {
  return new GitError('GIT_FAILED', 'injected: git failed', { data: { stderr: 'injected' } })
}
