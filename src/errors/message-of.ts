import { inspect } from 'node:util'

/** What a caught value says. Anything may be thrown by code that is not ours, also what has no `toString`. */
export function messageOf(value: unknown): string {
  if (value instanceof Error && typeof value.message === 'string') return value.message
  return typeof value === 'string' ? value : inspect(value, { customInspect: false, getters: false })
}
