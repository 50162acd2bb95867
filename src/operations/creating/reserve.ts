import { allOrFirstFailure } from '../../errors/first-failure.js'
import { InputError } from '../../errors/workspace-error.js'
import { namesIn } from '../../fs/presence.js'
import { assertBranchName } from '../../git/ref-name.js'
import { branchCandidates, expandBranchTemplate } from '../../model/branch-template.js'
import { environmentLayout, taskLayout } from '../../model/layout.js'
import type { PrepareSettings } from '../../model/prepare-request.js'
import { SESSION_FORMAT, type SessionRecord } from '../../model/session-record.js'
import { sourceIdentity } from '../../model/source.js'
import { sessionName, type WorkspaceKey } from '../../model/workspace-key.js'
import {
  type BranchHolder,
  branchesCollide,
  branchTaken,
  refuseSameFolder,
  sessionAsHolder,
  sessionTaken,
} from '../../sessions/collisions.js'
import { currentOwner } from '../../sessions/owner.js'
import type { UnreadableRecord } from '../../sessions/session-store.js'
import type { Strategy } from '../../strategies/strategy.js'
import { keepEnvironment } from '../environment-folder.js'
import type { Services } from '../services.js'
import { refuseUsedFolder, withCallersFolders } from './callers-folder.js'
import { ORPHAN, takenInRepository } from './taken-in-repository.js'

const MAX_SUFFIXES = 1000

/**
 * Claims the key, its folder and its branch together, before anything is made. Collisions are looked for in
 * the registry and in the repository itself.
 *
 * @param replaceable A branch of the repository that is in nobody's way.
 * @throws ContentionError SESSION_TAKEN or BRANCH_TAKEN, naming the holder.
 */
export async function reserve(
  services: Services,
  settings: PrepareSettings,
  strategy: Strategy,
  replaceable?: string,
): Promise<SessionRecord> {
  const found = await lookAround(services, settings, strategy)
  const existing = found.filter((branch) => branch !== replaceable)
  const claim = (signal: AbortSignal | undefined) =>
    services.store.claim(
      settings.key,
      async (others, unreadable) => {
        await keepEnvironment(services, settings.key.envId)
        refuseSameFolder(settings.key, others)
        if (!strategy.traits.ownsDirectory)
          await refuseUsedFolder(services, settings.key, callersFolder(settings.source))
        const branch = chooseBranch(services, settings, strategy, holders(others, unreadable, existing))
        return newRecord(services, settings, strategy, branch)
      },
      signal,
    )
  return strategy.traits.ownsDirectory
    ? claim(settings.signal)
    : withCallersFolders(services, settings.signal, claim)
}

/**
 * What is in the way besides other sessions. Looked for before the lock that all tasks of the environment wait for:
 * only sessions change it under that lock, and those are seen as such. A branch that appears afterwards is found when
 * this one is made.
 */
async function lookAround(
  services: Services,
  settings: PrepareSettings,
  strategy: Strategy,
): Promise<readonly string[]> {
  const { ownsDirectory, sharesRefs } = strategy.traits
  const orphan = ownsDirectory ? refuseOrphan(services, settings.key) : undefined
  const existing = sharesRefs ? takenInRepository(services, settings) : Promise.resolve([])
  await allOrFirstFailure<unknown>([Promise.resolve(orphan), existing])
  return existing
}

/** The branch a request asks for; undefined for a detached HEAD and where there is no repository. */
export function wantedBranch(
  services: Services,
  settings: PrepareSettings,
  strategy: Strategy,
): string | undefined {
  if (!strategy.traits.usesRepository || settings.branch === false) return undefined
  const template = services.settings.branchTemplate
  const branch = settings.branch ?? expandBranchTemplate(template, settings.key, settings.agentName)
  assertBranchName(branch)
  return branch
}

function chooseBranch(
  services: Services,
  settings: PrepareSettings,
  strategy: Strategy,
  taken: readonly BranchHolder[],
): string | undefined {
  const wanted = wantedBranch(services, settings, strategy)
  if (wanted === undefined) return undefined
  const names = settings.onBranchTaken === 'suffix' ? candidates(wanted, taken) : [wanted]
  const free = names.find((name) => findHolder(name, taken) === undefined)
  if (free !== undefined) {
    // A suffix may be what makes a name too long.
    assertBranchName(free)
    return free
  }
  throw branchTaken(wanted, findHolder(wanted, taken) ?? { holder: 'somebody', branch: wanted })
}

function candidates(wanted: string, taken: readonly BranchHolder[]): string[] {
  const names = new Set(taken.map(({ branch }) => branch.toLowerCase()))
  return branchCandidates(wanted, (name) => names.has(name.toLowerCase()), MAX_SUFFIXES)
}

/** What a newer version of this package has begun is at work all the same. */
function holders(
  others: readonly SessionRecord[],
  unreadable: readonly UnreadableRecord[],
  existing: readonly string[],
): BranchHolder[] {
  const sessions = others.flatMap((other) =>
    other.branch === undefined ? [] : [sessionAsHolder(other, other.branch)],
  )
  const newer = unreadable.flatMap(({ place, branch }) =>
    branch === undefined ? [] : [{ holder: `the session of the record ${place}`, branch }],
  )
  const branches = existing.map((branch) => ({ holder: `the branch "${branch}" of the repository`, branch }))
  return [...sessions, ...newer, ...branches]
}

const findHolder = (name: string, taken: readonly BranchHolder[]) =>
  taken.find(({ branch }) => branchesCollide(name, branch))

/** A checkout that no session knows may hold work: it is never built over. */
async function refuseOrphan(services: Services, key: WorkspaceKey): Promise<void> {
  const { root } = services.settings
  const name = sessionName(key)
  const names = await namesIn(environmentLayout(root, key.envId).tasksDir)
  const twin = names.find((other) => other !== name && other.toLowerCase() === name.toLowerCase())
  if (twin !== undefined)
    throw sessionTaken(key, `the folder of ${key.envId}/${twin} differs from it only in case`, twin, {
      hint: 'Choose another task or run id.',
    })
  const { rootDir, workDir } = taskLayout(root, key)
  if ((await namesIn(rootDir)).includes('workdir')) {
    throw sessionTaken(key, `there is a checkout without a record at ${workDir}`, workDir, ORPHAN)
  }
}

function newRecord(
  services: Services,
  settings: PrepareSettings,
  strategy: Strategy,
  branch: string | undefined,
): SessionRecord {
  const { key, source, agentName, identity, workflowRunId, taskRunId, metadata } = settings
  const { rootDir, workDir } = taskLayout(services.settings.root, key)
  const now = services.now().toISOString()
  return {
    formatVersion: SESSION_FORMAT,
    ...key,
    state: 'reserved',
    strategy: strategy.name,
    rootDir,
    workDir: strategy.traits.ownsDirectory ? workDir : callersFolder(source),
    branch,
    source: source && sourceIdentity(source),
    originUrl: source?.kind === 'path' ? source.originUrl : undefined,
    shape: strategy.traits.usesRepository ? settings.shape : undefined,
    limits: strategy.traits.usesRepository ? settings.limits : undefined,
    agentName,
    identity,
    workflowRunId,
    taskRunId,
    metadata,
    owner: currentOwner(),
    createdAt: now,
    updatedAt: now,
  }
}

/** The caller's own folder, for strategies that work in it. @throws InputError SOURCE_INVALID */
export function callersFolder(source: PrepareSettings['source']): string {
  if (source?.kind === 'path') return source.path
  throw new InputError(
    'SOURCE_INVALID',
    'this strategy works in a folder of the caller, and needs its path',
    {
      data: { field: 'source' },
      hint: 'Give the path of an existing folder as `source`.',
    },
  )
}
