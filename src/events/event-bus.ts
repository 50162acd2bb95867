import { channel } from 'node:diagnostics_channel'
import { EventEmitter } from 'node:events'
import { inspect } from 'node:util'
import type { EventBase, EventFacts, EventName, WorkspaceEvents } from './event-map.js'

/**
 * What is called at an event of a name. What it throws is said as a process warning, and breaks nothing.
 *
 * @example
 * const listener: EventListener<'cleanup.completed'> = ({ action, reason }) => console.log(action, reason)
 * manager.on('cleanup.completed', listener)
 */
export type EventListener<Name extends EventName> = (event: WorkspaceEvents[Name]) => void

type AnyListener = (event: EventBase) => void

/** Hears every event, by name. */
export type EventTap = (name: EventName, event: EventBase) => void

/**
 * Typed events; a listener that throws breaks nothing and keeps nobody else from hearing. Every event is also
 * published on the channel `git-task-isolation:<event>` of `node:diagnostics_channel`.
 */
export class EventBus {
  readonly #emitter = new EventEmitter({ captureRejections: false })
  readonly #guards = new WeakMap<object, AnyListener>()
  readonly #taps: EventTap[] = []
  readonly #now: () => Date

  constructor(now: () => Date) {
    this.#now = now
    // Orchestrators attach one listener per task.
    this.#emitter.setMaxListeners(0)
  }

  on<Name extends EventName>(name: Name, listener: EventListener<Name>): void {
    this.#emitter.on(name, this.#guard(listener))
  }

  once<Name extends EventName>(name: Name, listener: EventListener<Name>): void {
    this.#emitter.once(name, this.#guard(listener))
  }

  off<Name extends EventName>(name: Name, listener: EventListener<Name>): void {
    this.#emitter.off(name, this.#guard(listener))
  }

  /** For the package itself: hears everything, before any listener does. */
  tap(listener: EventTap): void {
    this.#taps.push(listener)
  }

  emit<Name extends EventName>(name: Name, base: Omit<EventBase, 'at'>, facts: EventFacts[Name]): void {
    const event: EventBase = { ...facts, ...base, at: this.#now().toISOString() }
    Object.freeze(event)
    for (const tap of this.#taps) tap(name, event)
    this.#emitter.emit(name, event)
    const published = channel(`git-task-isolation:${name}`)
    if (published.hasSubscribers) published.publish(event)
  }

  /** The same listener always has the same guard, so that `off` finds it. */
  #guard<Name extends EventName>(listener: EventListener<Name>): AnyListener {
    const known = this.#guards.get(listener)
    if (known) return known
    const guarded = harmless(listener)
    this.#guards.set(listener, guarded as AnyListener)
    return guarded as AnyListener
  }
}

/**
 * A callback that may throw, or reject where it is asynchronous: what it throws is said where its author looks, and
 * nowhere in the way of the work.
 */
export function harmless<Value>(callback: (value: Value) => unknown): (value: Value) => void {
  return (value) => {
    try {
      Promise.resolve(callback(value)).catch(warn)
    } catch (error) {
      warn(error)
    }
  }
}

function warn(error: unknown): void {
  // Anything may be thrown, also what has no `toString`.
  const said = typeof error === 'string' ? error : inspect(error, { customInspect: false })
  process.emitWarning(error instanceof Error ? error : said)
}
