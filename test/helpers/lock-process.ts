import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { childProgram } from './child-program.js'

export type LockCommand =
  | { do: 'hold'; timeoutMs: number }
  | { do: 'release' }
  | { do: 'count'; counter: string; times: number }
  | { do: 'block'; ms: number }

export type LockEvent =
  | { event: 'started' | 'released' | 'counted' | 'blocking' | 'unblocked' }
  | { event: 'held'; pid: number }
  | { event: 'failed'; message: string; code: string | undefined }

/** Another process that takes a lock when it is told to. Kill it, or dispose of it, at the end. */
export class LockProcess {
  readonly #child: ChildProcess
  readonly #events: LockEvent[] = []

  private constructor(child: ChildProcess) {
    this.#child = child
    child.on('message', (event: LockEvent) => {
      this.#events.push(event)
      child.emit('lock-event')
    })
  }

  static async start(path: string): Promise<LockProcess> {
    const script = childProgram('lock-child')
    return LockProcess.#started(spawn(process.execPath, [script, path], withChannel))
  }

  /** The same under a parent that never asks how its children ended, so that a killed one stays a zombie. */
  static async startUnderDeafParent(path: string): Promise<LockProcess> {
    const words = [process.execPath, childProgram('lock-child'), path]
    return LockProcess.#started(spawn('sh', ['-c', '"$@" & exec sleep 60', 'sh', ...words], withChannel))
  }

  static async #started(child: ChildProcess): Promise<LockProcess> {
    const started = new LockProcess(child)
    await started.next('started')
    return started
  }

  tell(command: LockCommand): void {
    this.#child.send(command)
  }

  async hold(): Promise<number> {
    this.tell({ do: 'hold', timeoutMs: 10_000 })
    return (await this.next('held')).pid
  }

  /** Waits for an event of this kind; a failure of the child rejects. */
  async next<Kind extends LockEvent['event']>(kind: Kind): Promise<Extract<LockEvent, { event: Kind }>> {
    for (;;) {
      const event = this.#events.shift()
      if (event === undefined) await once(this.#child, 'lock-event')
      else if (isKind(event, kind)) return event
      else if (event.event === 'failed') throw new Error(event.message)
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    this.#child.kill('SIGKILL')
    await once(this.#child, 'exit')
  }
}

const withChannel = {
  stdio: ['ignore', 'inherit', 'inherit', 'ipc'] as ('ignore' | 'inherit' | 'ipc')[],
}

function isKind<Kind extends LockEvent['event']>(
  event: LockEvent,
  kind: Kind,
): event is Extract<LockEvent, { event: Kind }> {
  return event.event === kind
}
