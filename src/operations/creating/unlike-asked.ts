import { isCandidateFor } from '../../model/branch-template.js'
import type { PrepareSettings } from '../../model/prepare-request.js'
import type { Base, SessionRecord } from '../../model/session-record.js'

/** At least as many digits of a commit name a commit to git. */
const ABBREVIATED_OID = /^[0-9a-f]{4,64}$/i

/**
 * What a request asks for that counts for a new workspace only, where the one that there is was made otherwise; each as
 * a sentence. `wanted` is the branch that a new one would have. Pure.
 */
export function unlikeAsked(
  { baseRef, agentName, branch: named }: PrepareSettings,
  { base, branch }: SessionRecord,
  wanted: string | undefined,
): string[] {
  const sentences: string[] = []
  if (baseRef !== undefined && base !== undefined && !isThatBase(baseRef, base))
    sentences.push(`the workspace is there already and starts from "${base.ref}", not from "${baseRef}"`)
  const isNamedAfterAgent = agentName !== undefined && named === undefined && wanted !== undefined
  if (isNamedAfterAgent && branch !== undefined && !isCandidateFor(wanted, branch))
    sentences.push(
      `the workspace is there already, and is not named after "${agentName}": its branch is "${branch}"`,
    )
  return sentences
}

/** By name, however it is written in full, or by commit. */
function isThatBase(asked: string, { ref, commit }: Base): boolean {
  if (shortName(asked) === shortName(ref)) return true
  return ABBREVIATED_OID.test(asked) && commit.startsWith(asked.toLowerCase())
}

function shortName(ref: string): string {
  return ref.replace(/^refs\/(?:heads|tags)\//, '')
}
