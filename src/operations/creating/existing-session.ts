import { kindOf } from '../../fs/presence.js'
import { isCandidateFor } from '../../model/branch-template.js'
import type { PrepareSettings } from '../../model/prepare-request.js'
import type { SessionRecord } from '../../model/session-record.js'
import { describePart, SHAPE_PARTS } from '../../model/shape.js'
import { sourceIdentity } from '../../model/source.js'
import { sessionTaken } from '../../sessions/collisions.js'
import { describeOwner } from '../../sessions/owner.js'
import type { Services } from '../services.js'
import { refuseDamaged } from './refuse-damaged.js'

/** What a request may fall back to when git fails. */
const FALLBACK = 'directory'

export type ExistingDecision = 'reuse' | 'recreate' | 'recover' | 'create'

/**
 * What to do about a session that the key has already. The session's lock is held, so that no verb is at work
 * on it; whether an agent is, only its owner knows.
 *
 * @throws ContentionError SESSION_TAKEN
 */
export async function decideExisting(
  services: Services,
  existing: SessionRecord | undefined,
  settings: PrepareSettings,
): Promise<ExistingDecision> {
  if (existing === undefined) return 'create'
  await refuseBusyOwner(services, existing, settings)
  if (existing.state !== 'ready' && existing.state !== 'finished') return 'recover'
  if ((await kindOf(existing.workDir)) !== 'directory') return 'recover'
  if (settings.ifExists === 'recreate') return 'recreate'
  if (settings.ifExists === 'fail')
    throw sessionTaken(settings.key, 'it exists, and ifExists is fail', describeOwner(existing), {
      hint: 'Clean it up first, or choose another task or run id.',
    })
  refuseDifferentWish(existing, settings)
  await refuseDamaged(services, existing)
  return 'reuse'
}

/** Whose owner is gone is adopted. */
async function refuseBusyOwner(
  services: Services,
  existing: SessionRecord,
  settings: PrepareSettings,
): Promise<void> {
  // A verb at work would hold the session's lock: what is half made or half removed was left by one that is gone.
  if (existing.state !== 'ready') return
  if ((await services.lease.stateOf(existing.owner, settings.signal)) !== 'alive') return
  throw sessionTaken(settings.key, 'it is ready and its owner is alive', describeOwner(existing))
}

/** A workspace that is not what was asked for is not handed out as if it were. */
function refuseDifferentWish(existing: SessionRecord, settings: PrepareSettings): void {
  const { strategy, branch, source } = settings
  const fellBack = existing.strategy === FALLBACK && settings.onGitFailure === FALLBACK
  const asked = source && sourceIdentity(source)
  if (strategy !== undefined && strategy !== existing.strategy && !fellBack)
    throw different('strategy', existing.strategy, existing, settings)
  if (typeof branch === 'string' && !isAsked(branch, existing, settings) && !fellBack)
    throw different('branch', existing.branch ?? 'none', existing, settings)
  if (asked !== undefined && asked !== existing.source)
    throw different('source', existing.source ?? 'none', existing, settings)
  if (!fellBack) refuseDifferentShape(existing, settings)
}

/** Where the branch was taken, the same request was given the next free name. */
function isAsked(branch: string, existing: SessionRecord, { onBranchTaken }: PrepareSettings): boolean {
  if (branch === existing.branch) return true
  return onBranchTaken === 'suffix' && isCandidateFor(branch, existing.branch ?? '')
}

/** Only what the request names is compared, as with the branch. */
function refuseDifferentShape(existing: SessionRecord, settings: PrepareSettings): void {
  const has = { ...existing.shape, objects: existing.shape?.objects ?? 'borrowed' }
  for (const part of SHAPE_PARTS) {
    const wanted = describePart(settings.shape, part)
    if (wanted !== undefined && wanted !== describePart(has, part))
      throw different(part, describePart(has, part) ?? 'none', existing, settings)
  }
}

function different(what: string, has: string, existing: SessionRecord, settings: PrepareSettings): Error {
  return sessionTaken(settings.key, `it exists with the ${what} "${has}"`, describeOwner(existing), {
    hint: `Ask for the ${what} that it has, set ifExists to 'recreate', or choose another task or run id.`,
  })
}
