import { InputError } from '../errors/workspace-error.js'

// A file named after the last part, plus '.lock', must fit in 255 bytes.
const MAX_COMPONENT_BYTES = 250
const MAX_BYTES = 1_000

/**
 * Throws REF_INVALID unless git would accept the name for a branch.
 *
 * The rules are those of `git check-ref-format --branch` (git-check-ref-format(1)), and that it must fit
 * into a file name, and be well-formed Unicode so that it arrives as it was given.
 */
export function assertBranchName(name: string): void {
  const reason = branchNameProblem(name)
  if (reason === undefined) return
  throw new InputError('REF_INVALID', `the branch name ${reason}`, { data: { name: name.slice(0, 200) } })
}

/** What is wrong with a branch name, or undefined. */
export function branchNameProblem(name: string): string | undefined {
  if (name.startsWith('-')) return "starts with '-'"
  if (name === 'HEAD') return "is 'HEAD'"
  return refNameProblem(name)
}

/** What is wrong with a ref name or a part of one, or undefined. */
export function refNameProblem(name: string): string | undefined {
  if (name === '') return 'is empty'
  return characterProblem(name) ?? lengthProblem(name) ?? shapeProblem(name)
}

function characterProblem(name: string): string | undefined {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters git refuses
  if (/[\x00-\x1f\x7f]/.test(name)) return 'holds a control character'
  if (/[ ~^:?*[\\]/.test(name)) return "holds a space or one of '~^:?*[\\'"
  if (/\p{Cs}/u.test(name)) return 'is not well-formed Unicode'
  return undefined
}

function lengthProblem(name: string): string | undefined {
  const tooLong = (text: string, limit: number) => Buffer.byteLength(text) > limit
  if (tooLong(name, MAX_BYTES)) return 'is too long'
  return name.split('/').some((part) => tooLong(part, MAX_COMPONENT_BYTES))
    ? 'has a part that is too long'
    : undefined
}

function shapeProblem(name: string): string | undefined {
  if (name.includes('..')) return "holds '..'"
  if (name.includes('@{')) return "holds '@{'"
  if (name.endsWith('.')) return "ends with '.'"
  const parts = name.split('/')
  if (parts.includes('')) return 'has an empty part'
  if (parts.some((part) => part.startsWith('.'))) return "has a part that starts with '.'"
  return parts.some((part) => part.endsWith('.lock')) ? "has a part that ends with '.lock'" : undefined
}
