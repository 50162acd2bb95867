import { hasErrorCode, InputError } from '../errors/workspace-error.js'
import { sessionFacts } from '../events/event-map.js'
import { asStorageFailure } from '../fs/storage-failure.js'
import { guardRef } from '../git/arguments.js'
import { sourceAccess } from '../mirror/source-access.js'
import type { PrepareSettings } from '../model/prepare-request.js'
import type { SessionRecord } from '../model/session-record.js'
import { sessionTaken } from '../sessions/collisions.js'
import { describeOwner } from '../sessions/owner.js'
import type { Strategy } from '../strategies/strategy.js'
import { assertFileNames } from '../task-files/file-names.js'
import { assertCredentialsUsable } from '../task-files/task-files.js'
import { cleanupLocked } from './cleanup.js'
import { completeRefresh } from './complete-refresh.js'
import { assertShapeFits } from './creating/assert-shape.js'
import { assertSourceFits, canonicalSource } from './creating/bind-source.js'
import { createWorkspace } from './creating/create-workspace.js'
import { decideExisting, type ExistingDecision } from './creating/existing-session.js'
import { recoverForPrepare } from './creating/recover-for-prepare.js'
import { callersFolder, wantedBranch } from './creating/reserve.js'
import { reuseWorkspace } from './creating/reuse-workspace.js'
import { ensureEnvironment, environmentUndo } from './environment-folder.js'
import { findStrategy } from './find-strategy.js'
import { readSession } from './read-session.js'
import type { Services } from './services.js'
import { withSession } from './session-lock.js'

/**
 * Who loses a name has lost it to a task that has its branch now: there are no more tries than others at the same
 * time.
 */
const MAX_BRANCH_ATTEMPTS = 1000

export interface Prepared {
  readonly record: SessionRecord
  readonly reused: boolean
}

interface Existing {
  readonly existing: SessionRecord | undefined
  readonly decision: ExistingDecision
}

/**
 * Gives a task its workspace: the one it has, or a new one. A rejection leaves nothing behind that was not
 * there before, but for the mirror, which belongs to the environment.
 */
export async function prepare(services: Services, request: PrepareSettings): Promise<Prepared> {
  try {
    return await prepareOrUndo(services, request)
  } catch (error) {
    throw asStorageFailure(error, services.settings.root)
  }
}

async function prepareOrUndo(services: Services, request: PrepareSettings): Promise<Prepared> {
  const strategy = chooseStrategy(services, request)
  const settings = await checkRequest(services, request, strategy)
  const undoEnvironment = await environmentUndo(services, settings.key.envId)
  settings.onProgress?.({ phase: 'lock' })
  try {
    await ensureEnvironment(services, settings.key.envId)
    return await withSession(services, settings.key, settings.signal, (signal) =>
      services.lease.during(() => prepareAlone(services, { ...settings, signal }, strategy)),
    )
  } catch (error) {
    throw await undoneEnvironment(undoEnvironment, error)
  }
}

/** Everything that can be refused before anything is made. */
async function checkRequest(
  services: Services,
  request: PrepareSettings,
  strategy: Strategy,
): Promise<PrepareSettings> {
  assertFileNames(request)
  assertCredentialsUsable(request)
  wantedBranch(services, request, strategy)
  if (request.baseRef !== undefined) guardRef(request.baseRef)
  if (request.source !== undefined) sourceAccess(request.source, undefined)
  if (strategy.traits.usesRepository && request.source === undefined) throw needsSource(strategy)
  if (!strategy.traits.ownsDirectory) callersFolder(request.source)
  // Without both it is what the key has already that counts, if it has anything.
  if (request.strategy !== undefined || request.source !== undefined) assertShapeFits(request, strategy)
  const source = await canonicalSource(request.source)
  if (source && strategy.traits.usesRepository) {
    await services.git.version()
    await assertSourceFits(services, request.key.envId, source)
  }
  return { ...request, source }
}

async function prepareAlone(
  services: Services,
  settings: PrepareSettings,
  strategy: Strategy,
): Promise<Prepared> {
  const { existing, decision } = await wholeSession(services, settings)
  if (existing && decision === 'reuse')
    return { record: await reuseWorkspace(services, settings, existing), reused: true }
  assertShapeFits(settings, strategy)
  if (existing) await makeRoom(services, settings, existing)
  return { record: await createOrFallBack(services, settings, strategy), reused: false }
}

/** @throws ContentionError SESSION_TAKEN where the workspace must not be taken away. */
async function makeRoom(
  services: Services,
  { key, signal }: PrepareSettings,
  existing: SessionRecord,
): Promise<void> {
  const { reason } = await cleanupLocked(services, key, { keepFailed: false, signal })
  if ((await services.store.read(key)) !== undefined) throw sessionTaken(key, reason, describeOwner(existing))
}

/** What the key has, after what a killed verb left of it was put right. */
async function wholeSession(services: Services, settings: PrepareSettings): Promise<Existing> {
  const found = await decideNow(services, settings)
  if (found.existing && found.decision === 'reuse')
    return { ...found, existing: await completeRefresh(services, found.existing, settings.signal) }
  if (found.existing === undefined || found.decision !== 'recover') return found
  await recoverForPrepare(services, settings, found.existing)
  return decideNow(services, settings)
}

async function decideNow(services: Services, settings: PrepareSettings): Promise<Existing> {
  const existing = await readSession(services, settings.key)
  return { existing, decision: await decideExisting(services, existing, settings) }
}

async function createOrFallBack(
  services: Services,
  settings: PrepareSettings,
  strategy: Strategy,
): Promise<SessionRecord> {
  try {
    return await createWithFreeBranch(services, settings, strategy)
  } catch (error) {
    const isGitFailure = hasErrorCode(
      error,
      'GIT_AUTH',
      'GIT_NETWORK',
      'GIT_REF_MISSING',
      'GIT_REPOSITORY_EMPTY',
      'GIT_TIMEOUT',
      'GIT_FAILED',
      'LIMIT_EXCEEDED',
    )
    if (settings.onGitFailure !== 'directory' || !isGitFailure) throw error
    const record = await createWorkspace(services, settings, findStrategy(services, 'directory'))
    const message = `a plain directory was made instead of a checkout: ${error.message}`
    services.events.emit('warning', sessionFacts(record), { code: error.code, message })
    return record
  }
}

/** An agent may make a branch between the claim of its name and its making; then the next name is tried. */
async function createWithFreeBranch(
  services: Services,
  settings: PrepareSettings,
  strategy: Strategy,
): Promise<SessionRecord> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await createWorkspace(services, settings, strategy)
    } catch (error) {
      const mayTryNext = settings.onBranchTaken === 'suffix' && attempt < MAX_BRANCH_ATTEMPTS
      if (!mayTryNext || !hasErrorCode(error, 'BRANCH_TAKEN')) throw error
    }
  }
}

function chooseStrategy(services: Services, request: PrepareSettings): Strategy {
  if (request.strategy !== undefined) return findStrategy(services, request.strategy)
  return findStrategy(services, request.source === undefined ? 'directory' : services.settings.strategy)
}

function needsSource(strategy: Strategy): InputError {
  return new InputError('SOURCE_INVALID', `the strategy "${strategy.name}" needs a source`, {
    data: { field: 'source', strategy: strategy.name },
    hint: "Give the URL or path of a repository, or use the strategy 'directory'.",
  })
}

/** The failure itself, also where its undo finds the lock taken: whoever has it uses the environment. */
async function undoneEnvironment(undo: () => Promise<void>, failure: unknown): Promise<unknown> {
  try {
    await undo()
  } catch (error) {
    if (!hasErrorCode(error, 'LOCK_TIMEOUT')) throw error
  }
  return failure
}
