import type { ChildProcess } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { stopReason } from '../errors/stop-reason.js'
import { GitError } from '../errors/workspace-error.js'
import { bytesOfText } from '../fs/byte-names.js'
import { onAbort } from './abort-listener.js'
import { CappedBytes, LineSplitter, Transcript } from './output-capture.js'
import type { ProcessCommand, ProcessResult } from './process-command.js'
import { adoptGroup, isGroupAlive, releaseGroup, signalGroup } from './process-group.js'
import { QuietTimer } from './quiet-timer.js'
import { redact } from './redaction.js'

const DEFAULT_GRACE_MS = 2_000
const DEFAULT_MAX_OUTPUT_BYTES = 64 * 1024 * 1024
const POLL_MS = 10
const STDERR_IN_ERRORS = 4_000

/** Watches one started process until its group is gone. */
export class ProcessRun {
  readonly #child: ChildProcess
  readonly #command: ProcessCommand
  readonly #graceMs: number
  readonly #stdout: CappedBytes
  readonly #stderr = new Transcript()
  readonly #lines = new LineSplitter((line) => this.#onLine(line))
  readonly #timers: QuietTimer[] = []
  readonly #exited: Promise<void>
  readonly #closed: Promise<void>
  readonly #stopped: Promise<void>
  #wake: () => void = () => undefined
  #failure: (() => unknown) | undefined

  constructor(child: ChildProcess, command: ProcessCommand) {
    this.#child = child
    this.#command = command
    this.#graceMs = command.killGraceMs ?? DEFAULT_GRACE_MS
    this.#stdout = new CappedBytes(command.maxOutputBytes ?? DEFAULT_MAX_OUTPUT_BYTES)
    this.#exited = new Promise((resolve) => child.once('exit', () => resolve()))
    this.#closed = new Promise((resolve) => child.once('close', () => resolve()))
    this.#stopped = new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  async result(): Promise<ProcessResult> {
    adoptGroup(this.#leader)
    const unwatch = this.#watch()
    try {
      await Promise.race([this.#exited, this.#stopped])
      if (this.#failure === undefined) await this.#drained()
      await this.#endGroup()
    } finally {
      unwatch()
      releaseGroup(this.#leader)
    }
    this.#lines.end()
    if (this.#failure !== undefined) throw this.#failure()
    const { exitCode, signalCode } = this.#child
    return { code: exitCode, signal: signalCode, stdout: this.#stdout.text(), stderr: this.#stderr.text() }
  }

  get #leader(): number {
    // A child that has emitted 'spawn' has a pid; 0 would mean our own group.
    if (this.#child.pid === undefined) throw new GitError('GIT_FAILED', 'the process was never started')
    return this.#child.pid
  }

  #watch(): () => void {
    const { signal, idleTimeoutMs, totalTimeoutMs, input } = this.#command
    const stop = () => this.#stop(() => (signal ? stopReason(signal) : undefined))
    const forget = onAbort(signal, stop)
    if (signal?.aborted) stop()
    const total =
      totalTimeoutMs === undefined
        ? undefined
        : setTimeout(
            () => this.#stop(() => this.#timeout('took too long', { totalTimeoutMs })),
            totalTimeoutMs,
          )
    if (idleTimeoutMs !== undefined) {
      this.#quietFor(idleTimeoutMs, () =>
        this.#stop(() => this.#timeout('gave no output for too long', { idleTimeoutMs })),
      )
    }
    this.#read()
    if (input !== undefined) this.#write(input)
    return () => {
      forget()
      clearTimeout(total)
      this.#stopTimers()
    }
  }

  #read(): void {
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.#touch()
      this.#onOutput(chunk)
    })
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#touch()
      this.#lines.add(chunk)
    })
  }

  #write(input: string): void {
    // A process that exits without reading breaks the pipe; its exit code tells the rest.
    this.#child.stdin?.on('error', () => this.#touch())
    this.#child.stdin?.end(bytesOfText(input))
  }

  #stopTimers(): void {
    for (const timer of this.#timers.splice(0)) timer.stop()
  }

  #touch(): void {
    for (const timer of this.#timers) timer.touch()
  }

  #quietFor(ms: number, onQuiet: () => void): QuietTimer {
    const timer = new QuietTimer(ms, onQuiet)
    this.#timers.push(timer)
    return timer
  }

  #onOutput(chunk: Buffer): void {
    const { onOutput } = this.#command
    if (onOutput === undefined) {
      if (this.#stdout.add(chunk) === 'full') this.#stop(() => this.#tooLarge())
      return
    }
    try {
      onOutput(chunk)
    } catch (error) {
      this.#stop(() => error)
    }
  }

  #onLine(raw: string): void {
    const line = redact(raw, this.#command.secrets ?? [])
    this.#stderr.add(line)
    try {
      this.#command.onLine?.(line)
    } catch (error) {
      // Thrown on from a stream's listener it would end the whole orchestrator.
      this.#stop(() => error)
    }
  }

  #stop(failure: () => unknown): void {
    this.#failure ??= failure
    this.#wake()
  }

  /** The leader is gone: waits for the last bytes, but not for an orphan that silently keeps the pipe. */
  async #drained(): Promise<void> {
    this.#stopTimers()
    const quiet = new Promise<void>((resolve) => {
      this.#quietFor(this.#graceMs, resolve)
    })
    await Promise.race([this.#closed, quiet, this.#stopped])
  }

  async #endGroup(): Promise<void> {
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      if (this.#isGone()) break
      signalGroup(this.#leader, signal)
      await this.#goneWithin(this.#graceMs)
    }
    // What the group wrote last may still be in the pipe; whoever left the group may hold it for ever.
    if (this.#failure !== undefined) await Promise.race([this.#closed, delay(POLL_MS * 5)])
    this.#child.stdout?.destroy()
    this.#child.stderr?.destroy()
    this.#child.stdin?.destroy()
  }

  async #goneWithin(ms: number): Promise<void> {
    for (let waited = 0; waited < ms && !this.#isGone(); waited += POLL_MS) await delay(POLL_MS)
  }

  #isGone(): boolean {
    const { exitCode, signalCode } = this.#child
    return (exitCode !== null || signalCode !== null) && !isGroupAlive(this.#leader)
  }

  #timeout(what: string, limit: Readonly<Record<string, number>>): GitError {
    return new GitError('GIT_TIMEOUT', `${this.#name} ${what}`, { data: { ...this.#facts(), ...limit } })
  }

  #tooLarge(): GitError {
    const maxOutputBytes = this.#command.maxOutputBytes ?? DEFAULT_MAX_OUTPUT_BYTES
    return new GitError('LIMIT_EXCEEDED', `${this.#name}: output too large`, {
      data: { ...this.#facts(), limit: 'maxOutputBytes', maxOutputBytes },
      hint: 'The repository has more refs or names than are read at once.',
    })
  }

  #facts(): { command: string; stderr: string } {
    return { command: this.#name, stderr: this.#stderr.text().slice(-STDERR_IN_ERRORS) }
  }

  get #name(): string {
    return this.#command.name ?? this.#command.file
  }
}
