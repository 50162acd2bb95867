import { randomBytes } from 'node:crypto'

/** A name beside `name` that nobody else uses and that tells what it was to become. */
export function temporaryName(name: string): string {
  return `.${name}.tmp-${randomBytes(6).toString('hex')}`
}

/** Whether a name was made by `temporaryName` for this one. */
export function isTemporaryNameOf(candidate: string, name: string): boolean {
  return candidate.startsWith(`.${name}.tmp-`)
}
