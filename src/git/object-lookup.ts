import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { stopReason, throwIfStopped } from '../errors/stop-reason.js'
import { GitError } from '../errors/workspace-error.js'
import { onAbort } from './abort-listener.js'
import { gitFailure } from './failure.js'
import { leadsOwnGroup, signalGroup } from './process-group.js'
import { QuietTimer } from './quiet-timer.js'
import { spawnFailure } from './spawn-failure.js'
import { whereToStart } from './where-to-start.js'

const COMMAND = 'git cat-file'
const STDERR_LIMIT = 4_000

export interface LookupOptions {
  /** The whole environment; names the repository. */
  readonly env: NodeJS.ProcessEnv
  /** A question that has no answer for so long ends the process, in milliseconds. */
  readonly idleTimeoutMs: number
}

interface Question {
  readonly answer: (line: string) => void
  readonly fail: (error: unknown) => void
}

/**
 * One long-lived `git cat-file --batch-check` on a repository: a name costs a turn through a pipe instead of a
 * process. What is fetched or created meanwhile is seen, since git reads refs, and looks for new packs, at every
 * question.
 *
 * It keeps no orchestrator running, and ends with it, since its input is then closed.
 */
export class ObjectLookup {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #idleTimeoutMs: number
  readonly #questions: Question[] = []
  readonly #closed: Promise<void>
  #quiet: QuietTimer | undefined
  #stderr = ''
  #unread = ''
  #failure: unknown

  private constructor(child: ChildProcessWithoutNullStreams, { idleTimeoutMs }: LookupOptions) {
    this.#child = child
    this.#idleTimeoutMs = idleTimeoutMs
    child.stdout.setEncoding('utf8').on('data', (text: string) => this.#read(text))
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-STDERR_LIMIT)
    })
    // A process that has ended breaks the pipe; how it ended tells the rest.
    child.stdin.on('error', () => child.stdin.destroy())
    this.#closed = new Promise((resolve) => {
      child.on('close', (code, signal) => {
        this.#fail(gitFailure({ command: COMMAND, code, signal, stderr: this.#stderr }))
        resolve()
      })
    })
    this.#holdProcess('unref')
  }

  /** Resolves when the process runs. @throws GitError GIT_MISSING, or GIT_FAILED where none can be started. */
  static async start(options: LookupOptions): Promise<ObjectLookup> {
    const args = ['cat-file', '--batch-check=%(objectname) %(objecttype)']
    try {
      const child = spawn('git', args, {
        cwd: whereToStart(),
        env: options.env,
        detached: leadsOwnGroup,
        windowsHide: true,
      })
      await once(child, 'spawn')
      return new ObjectLookup(child, options)
    } catch (error) {
      throw spawnFailure(error, { name: COMMAND })
    }
  }

  /** Whether it can still be asked. */
  get isOpen(): boolean {
    return this.#failure === undefined
  }

  /**
   * The commit that each name stands for, in the same order; undefined for what is missing, ambiguous or no commit.
   * Names must not contain line breaks.
   *
   * @throws GitError as the process ended with; the signal's `stopReason`.
   */
  async commits(names: readonly string[], signal?: AbortSignal): Promise<(string | undefined)[]> {
    throwIfStopped(signal)
    const lines = await unlessStopped(Promise.all(names.map((name) => this.#ask(`${name}^{commit}`))), signal)
    return lines.map((line) => /^([0-9a-f]{40,64}) commit$/.exec(line)?.[1])
  }

  /** Lets the process end; resolves when it has. Unanswered questions fail. */
  async close(): Promise<void> {
    this.#holdProcess('ref')
    this.#child.stdin.end()
    await this.#closed
  }

  #ask(name: string): Promise<string> {
    return new Promise((answer, fail) => {
      if (this.#failure !== undefined) return fail(this.#failure)
      if (this.#questions.push({ answer, fail }) === 1) this.#beginToWait()
      this.#child.stdin.write(`${name}\n`)
    })
  }

  #read(text: string): void {
    this.#quiet?.touch()
    const lines = `${this.#unread}${text}`.split('\n')
    this.#unread = lines.pop() ?? ''
    for (const line of lines) this.#questions.shift()?.answer(line)
    if (this.#questions.length === 0) this.#endToWait()
  }

  #beginToWait(): void {
    this.#holdProcess('ref')
    this.#quiet = new QuietTimer(this.#idleTimeoutMs, () => this.#giveUp())
  }

  #endToWait(): void {
    this.#quiet?.stop()
    if (!this.#child.stdin.writableEnded) this.#holdProcess('unref')
  }

  #giveUp(): void {
    const data = { command: COMMAND, idleTimeoutMs: this.#idleTimeoutMs, stderr: this.#stderr }
    this.#fail(new GitError('GIT_TIMEOUT', `${COMMAND} gave no output for too long`, { data }))
    if (this.#child.pid !== undefined) signalGroup(this.#child.pid, 'SIGKILL')
  }

  #fail(error: unknown): void {
    this.#failure ??= error
    this.#endToWait()
    for (const question of this.#questions.splice(0)) question.fail(this.#failure)
  }

  /** Only an unanswered question, or its end, is a reason for the orchestrator to go on running. */
  #holdProcess(how: 'ref' | 'unref'): void {
    const { stdin, stdout, stderr } = this.#child
    this.#child[how]()
    for (const pipe of [stdin, stdout, stderr]) if (isSocket(pipe)) pipe[how]()
  }
}

/** Node makes pipes to children of sockets, which its types do not tell. */
function isSocket(stream: object): stream is Pick<Socket, 'ref' | 'unref'> {
  return 'ref' in stream && 'unref' in stream
}

function unlessStopped<T>(answer: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return answer
  return new Promise((resolve, reject) => {
    const forget = onAbort(signal, () => reject(stopReason(signal)))
    answer.then(resolve, reject).finally(forget)
  })
}
