import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { killTree } from './process-tree.js'

const PATIENCE_MS = 120_000

const running = new Set<number>()
process.on('exit', endChildren)

interface AnyEvent {
  readonly event: string
}

/** Ends every child that still runs, with all that it started. */
export function endChildren(): void {
  for (const pid of running) killTree(pid)
}

/** A child that says one event per line on its standard output and is told commands on its standard input. */
export class Child<Event extends AnyEvent> {
  readonly pid: number
  /** Settles when it has ended and all that it said has been heard. */
  readonly ended: Promise<void>
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>
  readonly #heard = new EventEmitter()
  readonly #waiting: Event[] = []
  #complaints = ''

  constructor(program: string, plan: object, onEvent: (event: Event) => void = () => undefined) {
    // In a group of its own, so that Ctrl-C reaches the first process alone, which then ends all others.
    const options = { stdio: 'pipe', detached: true } as const
    this.#child = spawn(process.execPath, [program, JSON.stringify(plan)], options)
    this.pid = this.#child.pid ?? 0
    running.add(this.pid)
    this.ended = once(this.#child, 'close').then(() => this.#end())
    // A child that was killed reads no more.
    this.#child.stdin.on('error', () => this.#child.stdin.destroy())
    this.#child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#complaints += text
    })
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      const event: Event = JSON.parse(line)
      onEvent(event)
      this.#waiting.push(event)
      this.#heard.emit('event')
    })
  }

  /** What it wrote on its standard error, cut to a readable length. */
  get complaints(): string {
    return this.#complaints.trim().slice(0, 2000)
  }

  tell(command: object): void {
    this.#child.stdin.write(`${JSON.stringify(command)}\n`)
  }

  /** The next event of this kind; those before it are passed over. */
  async next<Kind extends Event['event']>(kind: Kind): Promise<Extract<Event, { event: Kind }>> {
    for (;;) {
      const event = this.#waiting.shift()
      if (event === undefined) await this.#hear(kind)
      else if (isKind(event, kind)) return event
    }
  }

  /** Lets it end by itself. */
  async finish(): Promise<void> {
    this.#child.stdin.end()
    await this.ended
  }

  async #hear(kind: string): Promise<void> {
    const patience = AbortSignal.timeout(PATIENCE_MS)
    const ended = this.ended.then(() => {
      const { exitCode, signalCode } = this.#child
      const how = `with ${signalCode ?? exitCode}`
      if (this.#waiting.length === 0)
        throw new Error(`a child ended ${how} before "${kind}": ${this.complaints}`)
    })
    await Promise.race([once(this.#heard, 'event', { signal: patience }), ended])
  }

  #end(): void {
    running.delete(this.pid)
  }
}

function isKind<Event extends AnyEvent, Kind extends Event['event']>(
  event: Event,
  kind: Kind,
): event is Extract<Event, { event: Kind }> {
  return event.event === kind
}
