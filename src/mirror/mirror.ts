import { rm } from 'node:fs/promises'
import { isAbsolute, join, sep } from 'node:path'
import { GitError, hasErrorCode, type WorkspaceError } from '../errors/workspace-error.js'
import { readJsonIfPresent, readTextIfPresent } from '../fs/read-json.js'
import { type MirrorState, parseMirrorState } from '../model/mirror-state.js'
import { objectFormatIn } from '../model/object-format.js'
import type { FreshnessSettings } from '../model/options.js'
import { asPartialClone } from '../model/partial-clone-config.js'
import { noRepository } from './caller-repository.js'
import type { ConfigCheck } from './config-check.js'
import { createMirror } from './create-mirror.js'
import { withFetchLock } from './fetch-lock.js'
import { fetchCommit, fetchUpstream, MIRROR_STATE_FILE } from './fetch-upstream.js'
import { removeForgedCuts } from './forged-cuts.js'
import { decideFetch } from './freshness.js'
import { conditionOf, guessState, mendRefs } from './mend-mirror.js'
import { mirrorSections } from './mirror-config.js'
import type { MirrorContext } from './mirror-context.js'
import { PACKED_REFS } from './odd-places.js'
import { ownText } from './own-file.js'
import { assertMirrorFits } from './pack-bytes.js'
import { assertFilterFits, filterIn } from './partial-mirror.js'
import { repairOnce } from './repair-once.js'
import { MIRROR_REF_SEARCH, type Repository, UPSTREAM_HEAD } from './repository.js'
import { repairMirror } from './tamper-check.js'
import type { Tampering } from './tampering.js'
import { rememberUpstream } from './upstream-tips.js'

export interface OpenedMirror {
  readonly repository: Repository
  readonly fetchedAt: string
  /** Whether this call made it, fetched it, or used it as it was. */
  readonly action: 'created' | 'fetched' | 'used'
  /** Set where a fetch was wanted, failed, and `prefer` let the mirror be used as it is. */
  readonly fetchFailure?: WorkspaceError | undefined
}

/** Opens the environment's mirror as fresh as asked for, making it where there is none. */
export async function openMirror(
  context: MirrorContext,
  freshness: FreshnessSettings,
  bind: () => Promise<void>,
): Promise<OpenedMirror> {
  const askedAt = context.now()
  const present = await readFitting(context)
  if (present) await bind()
  if (present && decideFetch(freshness, present.fetchedAt, askedAt, context.now()) === 'use') {
    return opened(context, present, 'used')
  }
  return withFetchLock(context, (locked) => bringUpToDate(locked, freshness, askedAt, bind))
}

/** Fetches once more for a commit that nothing in the mirror reaches; a remote that refuses is not an error. */
export async function fetchMissingCommit(context: MirrorContext, commit: string): Promise<void> {
  try {
    await withFetchLock(context, async (locked) => {
      // Another may have brought it while this call waited.
      const [found] = await context.git.commits(context.mirrorDir, [commit], context.signal)
      if (found === undefined) await fetchCommit(await asItIs(locked), commit)
    })
  } catch (error) {
    if (!hasErrorCode(error, 'GIT_FAILED', 'GIT_REF_MISSING', 'GIT_NETWORK')) throw error
  }
}

/**
 * The mirror as it is there.
 *
 * @throws InputError OPTIONS_INVALID where it has another filter than asked for; GitError LIMIT_EXCEEDED where it is
 * too large.
 */
export async function readFitting(context: MirrorContext): Promise<MirrorState | undefined> {
  if ((await conditionOf(context.mirrorDir)) === 'torn') await mend(context)
  const present = await readMirrorState(context.mirrorDir)
  assertFilterFits(present?.filter, context.filter)
  if (present === undefined) return undefined
  const found = await repairOnce(context, mirrorCheck(context, present))
  await assertMirrorFits(context)
  return hasLostRefs(context, found) ? forgetFetch(context, present) : present
}

function hasLostRefs({ mirrorDir }: MirrorContext, found: readonly Tampering[]): boolean {
  const packed = join(mirrorDir, PACKED_REFS)
  return found.some(({ path }) => path === packed || path.startsWith(join(mirrorDir, 'refs') + sep))
}

/** So that the refs are fetched again, by this call or the next that may. */
async function forgetFetch({ mirrorDir }: MirrorContext, present: MirrorState): Promise<MirrorState> {
  await rm(join(mirrorDir, MIRROR_STATE_FILE), { force: true })
  return { ...present, fetchedAt: new Date(0).toISOString() }
}

/** The same whatever it leaves out. */
export async function readAsItIs(context: MirrorContext): Promise<MirrorState | undefined> {
  return readFitting(await asItIs(context))
}

/** What is not as the manager wrote it in a mirror that is whole; with the mode `repair` it has been put right. */
export async function checkMirror(context: MirrorContext, mode: 'look' | 'repair'): Promise<Tampering[]> {
  const present = await readMirrorState(context.mirrorDir)
  return present ? repairMirror(context.git, { ...mirrorCheck(context, present), mode }) : []
}

async function mend(context: MirrorContext): Promise<void> {
  const { git, mirrorDir } = context
  const remembered = await rememberedState(join(mirrorDir, MIRROR_STATE_FILE))
  const refs = await mendRefs(mirrorDir)
  const config = await ownText(join(mirrorDir, 'config'))
  const state: MirrorState =
    config === undefined
      ? await guessState(mirrorDir, remembered, context.filter)
      : { fetchedAt: '', objectFormat: objectFormatIn(config), filter: filterIn(config) }
  context.onTampered?.([...refs, ...(await repairMirror(git, mirrorCheck(context, state)))])
}

function mirrorCheck(
  { mirrorDir, access, signal }: MirrorContext,
  { objectFormat, filter }: MirrorState,
): ConfigCheck {
  const whole = mirrorSections(access.originUrl)
  const sections = filter === undefined ? whole : asPartialClone(whole, filter)
  return { mirrorDir, sections, origin: isAbsolute(access.location) ? 'any' : 'fixed', objectFormat, signal }
}

/** What a mirror leaves out is its own matter once it is there. */
async function asItIs(context: MirrorContext): Promise<MirrorContext> {
  return { ...context, filter: (await readMirrorState(context.mirrorDir))?.filter }
}

/** Undefined where there is no mirror that can be used. One whose memory is lost is fetched again: it has tasks' branches. */
export async function readMirrorState(mirrorDir: string): Promise<MirrorState | undefined> {
  if ((await conditionOf(mirrorDir)) !== 'whole') return undefined
  const config = await readTextIfPresent(join(mirrorDir, 'config'))
  if (config === undefined) return undefined
  const state = await rememberedState(join(mirrorDir, MIRROR_STATE_FILE))
  const { fetchedAt, objectFormat } = state ?? {
    fetchedAt: new Date(0).toISOString(),
    objectFormat: objectFormatIn(config),
  }
  return { fetchedAt, objectFormat, filter: filterIn(config) }
}

async function rememberedState(file: string): Promise<MirrorState | undefined> {
  try {
    return parseMirrorState(await readJsonIfPresent(file))
  } catch (error) {
    if (!hasErrorCode(error, 'RECORD_CORRUPT')) throw error
    return undefined
  }
}

export function mirrorRepository(mirrorDir: string, state: MirrorState): Repository {
  return {
    gitDir: mirrorDir,
    objectFormat: state.objectFormat,
    owner: 'manager',
    fetchedAt: state.fetchedAt,
    filter: state.filter,
    refSearch: MIRROR_REF_SEARCH,
    defaultRef: UPSTREAM_HEAD,
  }
}

async function bringUpToDate(
  context: MirrorContext,
  freshness: FreshnessSettings,
  askedAt: Date,
  bind: () => Promise<void>,
): Promise<OpenedMirror> {
  if ((await conditionOf(context.mirrorDir)) === 'ruined') await context.setRuinsAside?.()
  const present = await readFitting(context)
  if (present === undefined) return createFirst(context, { freshness, askedAt }, bind)
  // While this call waited, somebody with another source may have made the mirror.
  await bind()
  if (decideFetch(freshness, present.fetchedAt, askedAt, context.now()) === 'use') {
    return opened(context, present, 'used')
  }
  return fetchAgain(context, { freshness, askedAt }, present)
}

interface Wish {
  readonly freshness: FreshnessSettings
  readonly askedAt: Date
}

async function createFirst(
  context: MirrorContext,
  { freshness, askedAt }: Wish,
  bind: () => Promise<void>,
): Promise<OpenedMirror> {
  if (freshness.mode === 'offline') throw offlineWithoutMirror(context)
  await sharingFailure(context, askedAt, () => createFromSource(context, bind))
  const state = await readMirrorState(context.mirrorDir)
  if (state === undefined) throw new GitError('GIT_FAILED', 'the mirror vanished while it was made')
  return opened(context, state, 'created')
}

/** What a local path answers with is no matter of the network. */
async function createFromSource(context: MirrorContext, bind: () => Promise<void>): Promise<void> {
  try {
    await createMirror(context, bind)
  } catch (error) {
    if (!isAbsolute(context.access.location) || !hasErrorCode(error, 'GIT_NETWORK')) throw error
    throw noRepository(context.access.location, error)
  }
}

async function fetchAgain(
  context: MirrorContext,
  { freshness, askedAt }: Wish,
  present: MirrorState,
): Promise<OpenedMirror> {
  try {
    const state = await sharingFailure(context, askedAt, () =>
      fetchUpstream({ ...context, filter: present.filter }, present.objectFormat),
    )
    await rememberUpstream(context.mirrorDir)
    await removeForgedCuts(context.git, { mirrorDir: context.mirrorDir, signal: context.signal })
    return opened(context, state, 'fetched')
  } catch (error) {
    const canGoOn = hasErrorCode(
      error,
      'GIT_NETWORK',
      'GIT_AUTH',
      'GIT_TIMEOUT',
      'GIT_FAILED',
      'LIMIT_EXCEEDED',
      'SOURCE_INVALID',
    )
    if (freshness.mode !== 'prefer' || !canGoOn) throw error
    return { ...opened(context, present, 'used'), fetchFailure: error }
  }
}

function sharingFailure<T>(context: MirrorContext, askedAt: Date, fetch: () => Promise<T>): Promise<T> {
  return context.failures === undefined ? fetch() : context.failures.share(context, askedAt, fetch)
}

function opened(context: MirrorContext, state: MirrorState, action: OpenedMirror['action']): OpenedMirror {
  return { repository: mirrorRepository(context.mirrorDir, state), fetchedAt: state.fetchedAt, action }
}

function offlineWithoutMirror(context: MirrorContext): GitError {
  return new GitError('GIT_NETWORK', 'there is no mirror yet, and the freshness is offline', {
    data: { source: context.access.location },
    hint: "Prepare once with the freshness mode 'prefer' or 'require'.",
    retryable: false,
  })
}
