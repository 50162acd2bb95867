import type { WorkspaceEvents, WorkspaceManager } from 'git-task-isolation'
import { painted, screenOf } from './terminal/screen.js'
import { visible, visibleJson } from './terminal/visible-text.js'

/** Something a person should know, and that stands in nobody's way. */
export interface Warning {
  readonly code: WorkspaceEvents['warning']['code'] | OwnCode
  readonly message: string
}

type OwnCode = 'ENVIRONMENT_MISSING' | 'LINE_UNREADABLE' | 'PROCESS_WARNING'

/** What a command prints on stdout itself, by the command's name. */
const TOLD_ANYWAY: Readonly<Record<string, readonly (Warning['code'] | 'mirror.stale')[]>> = {
  prepare: ['CHECKOUT_NOTICE'],
  restore: ['CHECKOUT_NOTICE'],
  refresh: ['mirror.stale'],
  sweep: ['RECORD_CORRUPT'],
}

const beforeFailure = new WeakMap<object, readonly Warning[]>()

/** Those that came before an error: in JSON they are printed with it, so that stderr has one value. */
export function warningsBefore(error: object): readonly Warning[] {
  return beforeFailure.get(error) ?? []
}

/** What a manager warns of while a command is at work, each once. */
export class Warnings {
  readonly #found = new Map<string, Warning>()
  readonly #command: string

  constructor(command: string) {
    this.#command = command
  }

  follow(manager: WorkspaceManager): void {
    // All that a doctor meets is a finding.
    if (this.#command === 'doctor') return
    const told = TOLD_ANYWAY[this.#command] ?? []
    manager.on('warning', ({ code, message }) => {
      if (!told.includes(code)) this.#found.set(message, { code, message })
    })
    if (told.includes('mirror.stale')) return
    manager.on('mirror.stale', ({ code, message }) => {
      const text = `the remote could not be asked, and what was known of it is used: ${message}`
      this.#found.set(text, { code, message: text })
    })
  }

  /**
   * Hears what is said by `process.emitWarning`, as of an audit log that misses a line: Node would write it in between,
   * where programs read JSON. Until the function that it answers is called.
   */
  hearProcess(): () => void {
    const others = process.listeners('warning')
    const hear = ({ message: text }: Error): void => {
      const message = text.replace(/^git-task-isolation: /, '')
      this.#found.set(message, { code: 'PROCESS_WARNING', message })
    }
    process.removeAllListeners('warning').on('warning', hear)
    return () => {
      process.off('warning', hear)
      for (const other of others) process.on('warning', other)
    }
  }

  /** What a command answers of an environment that there is not is right, and not what was meant. */
  noEnvironment(envId: string): void {
    const message = `there is no environment ${envId}`
    this.#found.set(message, { code: 'ENVIRONMENT_MISSING', message })
  }

  /** Keeps them for the report of a failure, where that is for programs. */
  tellWith(error: unknown, format: 'text' | 'json'): void {
    if (format === 'text') this.tell(format)
    else if (typeof error === 'object' && error !== null) beforeFailure.set(error, [...this.#found.values()])
  }

  /** On stderr, beside what was asked for. */
  tell(format: 'text' | 'json'): void {
    const warnings = [...this.#found.values()]
    if (warnings.length === 0) return
    if (format === 'json') console.error(visibleJson(JSON.stringify({ warnings }, null, 2)))
    else for (const warning of warnings) console.error(inWords(warning))
  }
}

/** A line of the audit log that is no event: said at once, and like the events in one line. */
export function tellUnreadableLine(text: string, format: 'text' | 'json'): void {
  const message = `a line is no event: ${text}`
  const warning: Warning = { code: 'LINE_UNREADABLE', message }
  if (format === 'json') console.error(visibleJson(JSON.stringify({ warnings: [warning] })))
  else console.error(`git-task: ${visible(message)}`)
}

function inWords({ code, message }: Warning): string {
  const name = painted('git-task: note:', 'yellow', screenOf(process.stderr))
  const more = code === 'RECORD_CORRUPT' ? '\n  git task doctor tells what there is to do about it.' : ''
  return `${name} ${visible(message)}${more}`
}
