import { join } from 'node:path'
import { IntegrityError } from '../errors/workspace-error.js'
import { isPresent, kindOf } from '../fs/presence.js'
import { environmentLayout } from '../model/layout.js'
import type { PrepareSettings } from '../model/prepare-request.js'
import type { SessionRecord } from '../model/session-record.js'
import { sourceIdentity } from '../model/source.js'
import { sessionTaken } from '../sessions/collisions.js'
import { describeOwner } from '../sessions/owner.js'
import { agentRepository } from '../strategies/agent-repository.js'
import { findStrategy } from './find-strategy.js'
import { isInCallersRepository } from './look-for-work.js'
import type { Services } from './services.js'

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
    throw sessionTaken(settings.key, 'it exists, and ifExists is fail', describeOwner(existing))
  refuseDifferentWish(existing, settings)
  await refuseDamaged(services, existing)
  return 'reuse'
}

/** A checkout that has lost its git dir, or the mirror that its objects are in, is not handed out as if it were whole. */
async function refuseDamaged(services: Services, record: SessionRecord): Promise<void> {
  const strategy = findStrategy(services, record.strategy)
  if (!strategy.traits.usesRepository) return
  const { gitDir, commonDir } = agentRepository(strategy.traits, record.tree ?? record)
  const { mirrorDir } = environmentLayout(services.settings.root, record.envId)
  const repository = isInCallersRepository({ services, record, strategy }) ? commonDir : mirrorDir
  const [what, path] = (await isPresent(join(repository, 'HEAD')))
    ? (['registration', join(gitDir, 'HEAD')] as const)
    : (['mirror', repository] as const)
  if (await isPresent(path)) return
  throw new IntegrityError('WORKSPACE_MISSING', `the ${what} of the workspace is gone: ${path}`, {
    data: { workDir: record.workDir, path },
    hint: "Save what is needed from the checkout, then clean it up with onUnsavedWork 'discard'.",
  })
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
  if (typeof branch === 'string' && branch !== existing.branch && !fellBack)
    throw different('branch', existing.branch ?? 'none', existing, settings)
  if (asked !== undefined && asked !== existing.source)
    throw different('source', existing.source ?? 'none', existing, settings)
}

function different(what: string, has: string, existing: SessionRecord, settings: PrepareSettings): Error {
  return sessionTaken(
    settings.key,
    `it exists with the ${what} "${has}"; set ifExists to 'recreate'`,
    describeOwner(existing),
  )
}
