import { randomBytes } from 'node:crypto'
import { processTag, stateOfTag } from './process-tag.js'

const TEMPORARY = /^\..+\.tmp-([0-9a-f]{8}-\d+-[0-9a-f]{8})-[0-9a-f]{8}(?:\.lock)?$/

/** A name beside `name` that nobody else uses and that tells what it was to become, and which process made it. */
export function temporaryName(name: string): string {
  return `.${name}.tmp-${processTag()}-${randomBytes(4).toString('hex')}`
}

/** Whether a name was made by `temporaryName` for this one. */
export function isTemporaryNameOf(candidate: string, name: string): boolean {
  return candidate.startsWith(`.${name}.tmp-`)
}

/** Whether a name has the whole form of those that `temporaryName` makes: anybody may choose one that is only like it. */
export function isTemporaryName(name: string): boolean {
  return TEMPORARY.test(name)
}

/**
 * Whether the process that made a temporary name still lives; undefined for any other name. The lock that a git puts
 * beside such a file counts as the same maker's, who started it.
 */
export function makerOfTemporary(name: string): 'alive' | 'dead' | 'unknown' | undefined {
  const tag = TEMPORARY.exec(name)?.[1]
  if (tag !== undefined) return stateOfTag(tag)
  return /^\..+\.tmp-/.test(name) ? 'unknown' : undefined
}
