import { basename, dirname, join } from 'node:path'
import { hasErrorCode } from '../../errors/workspace-error.js'
import { kindOf, namesIn } from '../../fs/presence.js'
import { readMirrorState } from '../../mirror/mirror.js'
import { savedUpstream } from '../../mirror/upstream-tips.js'
import { environmentLayout } from '../../model/layout.js'
import { objectFormatOf } from '../../model/object-format.js'
import type { UnsavedWork } from '../../model/reports.js'
import type { SessionRecord } from '../../model/session-record.js'
import { addedWorktrees } from '../../preservation/added-worktrees.js'
import { findBeside } from '../../preservation/beside.js'
import { folderContent } from '../../preservation/folder-content.js'
import { findLeftInGitDir } from '../../preservation/left-in-git-dir.js'
import { sizeOf } from '../../preservation/look-ignored.js'
import {
  findUnsavedCommitsAgain,
  findUnsavedWork,
  type LookRequest,
  NOTHING_UNSAVED,
} from '../../preservation/unsaved-work.js'
import { agentRepository } from '../../strategies/agent-repository.js'
import type { Strategy } from '../../strategies/strategy.js'
import { isRegistrationAmong } from '../../strategies/worktree-registration.js'
import { CONTEXT_FOLDER } from '../../task-files/issue-context.js'
import { refreshMirror } from '../mirror-access.js'
import { recordedCredentials, recordedSource } from '../recorded-source.js'
import type { Services } from '../services.js'
import { isInCallersRepository, repositoryOf } from '../session-repository.js'
import { besideAndResultsOf } from './beside-of.js'
import { indexFileOf } from './index-file.js'

const LISTED_FILES = 100

/** What a person keeps commits by, as rev-list(1) takes it: a stash or a bisection passes. */
export const KEPT_REFS = ['heads', 'tags', 'remotes'].map((kind) => `--glob=refs/${kind}/*`)

/** What one look needs; the same for both rounds of it. */
interface Look {
  readonly services: Services
  readonly record: SessionRecord
  readonly strategy: Strategy
  /** `as last seen`: the remote is not asked for commits that the mirror does not know; default `ask`. */
  readonly remote?: 'ask' | 'as last seen' | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Finds what exists only in this workspace. Commits that the mirror does not know are asked for at the remote
 * first, since the agent may just have pushed them.
 */
export async function lookForUnsavedWork(look: Look): Promise<UnsavedWork> {
  const work = await lookIntoCheckout(look)
  try {
    return withBeside(work, await filesBeside(look))
  } catch (error) {
    if (!hasErrorCode(error, 'TAMPERED')) throw error
    return { ...work, unknown: [...new Set([...work.unknown, `${error.message} (${error.code})`])] }
  }
}

/**
 * What the agent left in the task's folder beside the checkout goes with it, and so does what it left in its git dir.
 * They are named as seen from the checkout.
 */
async function filesBeside({ record, strategy, signal }: Look): Promise<ReadonlyMap<string, number>> {
  const { traits } = strategy
  const { rootDir, tree = { workDir: record.workDir } } = record
  const request = {
    agent: agentRepository(traits, tree),
    refs: traits.sharesRefs ? 'shared' : 'own',
    rootDir,
    isManagers: managersNames(record),
    signal,
  } as const
  const added = traits.usesRepository ? await addedWorktrees(request) : []
  const beside = await findBeside(await besideAndResultsOf(record, { traits, added, signal }))
  const isOwn = traits.usesRepository && traits.ownsDirectory
  const left = isOwn ? await findLeftInGitDir(request.agent.gitDir) : new Map<string, number>()
  return new Map([
    ...[...left].map(([name, files]) => [`.git/${name}`, files] as const),
    ...[...beside].map(([name, files]) => [`../${name}`, files] as const),
  ])
}

/** They are counted as untracked files. */
function withBeside(work: UnsavedWork, beside: ReadonlyMap<string, number>): UnsavedWork {
  if (beside.size === 0) return work
  const untracked = [...beside.values()].reduce((sum, files) => sum + files, work.counts.untracked)
  return {
    ...work,
    changedFiles: [...beside.keys(), ...work.changedFiles].slice(0, LISTED_FILES),
    counts: { ...work.counts, untracked },
  }
}

async function lookIntoCheckout(look: Look): Promise<UnsavedWork> {
  const { services, record, strategy } = look
  if (!strategy.traits.usesRepository) return filesOfFolder(look)
  const isGone = (await kindOf(record.workDir)) === 'absent'
  if (isGone && !strategy.traits.sharesRefs) return NOTHING_UNSAVED
  const request = await lookRequest(look, isGone ? 'gone' : 'present')
  // With the checkout and its repository everything went that could be lost.
  if (request === undefined && isGone) return NOTHING_UNSAVED
  if (request === undefined)
    return { ...NOTHING_UNSAVED, unknown: ['the mirror that the workspace was made from is gone'] }
  const first = await findUnsavedWork(services.git, request)
  const isSavedElsewhere = first.commits.length === 0 && first.tags.length === 0
  if (look.remote === 'as last seen' || isSavedElsewhere || isInCallersRepository(look)) return first
  const problem = await askRemote(look)
  if (problem !== undefined) return { ...first, unknown: [...first.unknown, problem] }
  return findUnsavedCommitsAgain(services.git, request, first)
}

/** Nothing in a folder without git is saved elsewhere. */
async function filesOfFolder({ record: { workDir }, signal }: Look): Promise<UnsavedWork> {
  const changedFiles = await folderContent(workDir, [CONTEXT_FOLDER])
  if (changedFiles.length === 0) return NOTHING_UNSAVED
  const all = (await namesIn(workDir)).filter((name) => name !== CONTEXT_FOLDER)
  const { files: untracked } = await sizeOf(workDir, await asPaths(workDir, all), signal)
  return { ...NOTHING_UNSAVED, changedFiles, counts: { ...NOTHING_UNSAVED.counts, untracked } }
}

async function asPaths(workDir: string, names: readonly string[]): Promise<string[]> {
  const kinds = names.map(async (name) =>
    (await kindOf(join(workDir, name))) === 'directory' ? `${name}/` : name,
  )
  return Promise.all(kinds)
}

async function lookRequest(look: Look, files: LookRequest['files']): Promise<LookRequest | undefined> {
  const { services, record, strategy, signal } = look
  const layout = environmentLayout(services.settings.root, record.envId)
  const tree = record.tree ?? { workDir: record.workDir }
  const { gitDir, owner } = repositoryOf(look)
  const isCallers = owner === 'caller'
  if (!isCallers && (await readMirrorState(gitDir)) === undefined) return undefined
  return {
    agent: agentRepository(strategy.traits, tree),
    workDir: record.workDir,
    rootDir: record.rootDir,
    files,
    repository: { gitDir, owner, objectFormat: objectFormatOf(record.base?.commit) },
    saved: async () =>
      isCallers ? { refs: KEPT_REFS, commits: [] } : { refs: [], commits: await savedUpstream(gitDir) },
    startedFrom: startedFrom(record),
    refs: strategy.traits.sharesRefs ? 'shared' : 'own',
    branch: record.branch,
    isManagers: managersNames(record),
    ownFolder: CONTEXT_FOLDER,
    sparse: record.shape?.sparse,
    indexFile: indexFileOf(services, record),
    scratchDir: layout.scratchDir,
    signal,
  }
}

/** The names of the registrations of this task and its neighbours. */
export function managersNames({ rootDir, workDir }: SessionRecord): (name: string) => boolean {
  return isRegistrationAmong(dirname(rootDir), basename(workDir))
}

/** What a task started from, or was brought to, is not its work, wherever that commit came from. */
function startedFrom({ base, tree }: SessionRecord): string[] {
  return [...new Set([base?.commit, tree?.baseCommit])].filter((commit) => commit !== undefined)
}

/** Brings the mirror up to date; answers with the problem where the remote cannot be asked. */
async function askRemote({ services, record, signal }: Look): Promise<string | undefined> {
  const source = recordedSource(record)
  if (source === undefined) return undefined
  if (services.settings.freshness.mode === 'offline')
    return 'the remote was not asked, since the freshness is offline'
  try {
    await refreshMirror(services, {
      envId: record.envId,
      source,
      credentials: await recordedCredentials(services, record),
      freshness: { mode: 'require', maxAgeMs: 0 },
      signal,
    })
    return undefined
  } catch (error) {
    if (
      !hasErrorCode(
        error,
        'GIT_AUTH',
        'GIT_NETWORK',
        'GIT_TIMEOUT',
        'GIT_FAILED',
        'GIT_REF_MISSING',
        'SOURCE_INVALID',
      )
    )
      throw error
    return `the remote could not be asked: ${error.message}`
  }
}
