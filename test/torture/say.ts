import { writeSync } from 'node:fs'
import { createInterface } from 'node:readline'

/** Writes one event as a line, at once: a child that is killed right after has said it. */
export function say(event: object): void {
  writeSync(1, `${JSON.stringify(event)}\n`)
}

/** What the parent tells, line by line. */
export async function* commands<Command>(): AsyncGenerator<Command> {
  for await (const line of createInterface({ input: process.stdin })) {
    const command: Command = JSON.parse(line)
    yield command
  }
}

/** What a failure looks like in an event. */
export function failureFacts(error: unknown): { code: string; message: string } {
  const message = error instanceof Error ? error.message : String(error)
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'none'
  return { code, message }
}
