import { InputError } from '../errors/workspace-error.js'
import { namesIn } from '../fs/presence.js'
import { assertBranchName } from '../git/ref-name.js'
import { branchCandidates, expandBranchTemplate } from '../model/branch-template.js'
import { environmentLayout, taskLayout } from '../model/layout.js'
import type { PrepareSettings } from '../model/prepare-request.js'
import { SESSION_FORMAT, type SessionRecord } from '../model/session-record.js'
import { sourceIdentity } from '../model/source.js'
import { sessionName, type WorkspaceKey } from '../model/workspace-key.js'
import {
  branchesCollide,
  branchHolder,
  branchTaken,
  refuseSameFolder,
  sessionTaken,
} from '../sessions/collisions.js'
import { currentOwner, describeOwner } from '../sessions/owner.js'
import type { Strategy } from '../strategies/strategy.js'
import { refuseUsedFolder, withCallersFolders } from './callers-folder.js'
import { ensureEnvironment } from './environment-folder.js'
import type { Services } from './services.js'
import { takenInRepository } from './taken-in-repository.js'

const MAX_SUFFIXES = 1000

/**
 * Claims the key, its folder and its branch together, before anything is made. Collisions are looked for in
 * the registry and in the repository itself.
 *
 * @throws ContentionError SESSION_TAKEN or BRANCH_TAKEN, naming the holder.
 */
export async function reserve(
  services: Services,
  settings: PrepareSettings,
  strategy: Strategy,
): Promise<SessionRecord> {
  const claim = (signal: AbortSignal | undefined) =>
    services.store.claim(
      settings.key,
      async (others) => {
        await ensureEnvironment(services, settings.key.envId)
        refuseSameFolder(settings.key, others)
        if (strategy.traits.ownsDirectory) await refuseOrphan(services, settings.key)
        else await refuseUsedFolder(services, settings.key, callersFolder(settings.source))
        const branch = await chooseBranch(services, settings, strategy, others)
        return newRecord(services, settings, strategy, branch)
      },
      signal,
    )
  return strategy.traits.ownsDirectory
    ? claim(settings.signal)
    : withCallersFolders(services, settings.signal, claim)
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

async function chooseBranch(
  services: Services,
  settings: PrepareSettings,
  strategy: Strategy,
  others: readonly SessionRecord[],
): Promise<string | undefined> {
  const existing = strategy.traits.sharesRefs ? await takenInRepository(services, settings) : []
  const wanted = wantedBranch(services, settings, strategy)
  if (wanted === undefined) return undefined
  const names = settings.onBranchTaken === 'suffix' ? candidates(wanted, others, existing) : [wanted]
  const free = names.find((name) => findHolder(name, others, existing) === undefined)
  if (free !== undefined) return free
  throw branchTaken(wanted, findHolder(wanted, others, existing) ?? 'somebody')
}

function candidates(wanted: string, others: readonly SessionRecord[], existing: readonly string[]): string[] {
  const reserved = others.map(({ branch }) => branch).filter((branch) => branch !== undefined)
  const taken = new Set([...reserved, ...existing].map((name) => name.toLowerCase()))
  return branchCandidates(wanted, (name) => taken.has(name.toLowerCase()), MAX_SUFFIXES)
}

function findHolder(
  name: string,
  others: readonly SessionRecord[],
  existing: readonly string[],
): string | undefined {
  const session = branchHolder(name, others)
  if (session) return `the session ${session.envId}/${sessionName(session)} (${describeOwner(session)})`
  const branch = existing.find((other) => branchesCollide(name, other))
  return branch === undefined ? undefined : `the branch "${branch}" of the repository`
}

/** A checkout that no session knows may hold work: it is never built over. */
async function refuseOrphan(services: Services, key: WorkspaceKey): Promise<void> {
  const { root } = services.settings
  const name = sessionName(key)
  const names = await namesIn(environmentLayout(root, key.envId).tasksDir)
  const twin = names.find((other) => other !== name && other.toLowerCase() === name.toLowerCase())
  if (twin !== undefined) throw sessionTaken(key, `the folder "${twin}" differs from it only in case`, twin)
  const { rootDir, workDir } = taskLayout(root, key)
  if ((await namesIn(rootDir)).includes('workdir')) {
    throw sessionTaken(key, `there is a checkout without a record at ${workDir}`, workDir)
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
