import { join } from 'node:path'
import { sessionFacts } from '../../events/event-map.js'
import type { AgentHead } from '../../git/agent-git-dir.js'
import type { Git } from '../../git/git.js'
import { copyIndex, type TrustedView, withTrustedView } from '../../git/trusted-view.js'
import { describeKey } from '../../model/workspace-key.js'
import { type AddedWorktree, addedWorktrees } from '../../preservation/added-worktrees.js'
import { type AgentRefs, readAgentRefs } from '../../preservation/agent-refs.js'
import { takeInObjects } from '../../preservation/archive-base.js'
import { type Baseline, NO_BASELINE, readBaseline } from '../../preservation/archive-baseline.js'
import {
  assertComplete,
  objectsOfIndex,
  type PackedObjects,
  packAgentObjects,
  unreachedCommits,
} from '../../preservation/archive-objects.js'
import { installPack, isBasePack } from '../../preservation/archive-packs.js'
import { type PlannedRefs, planRefs, syncRefs, writeRefs } from '../../preservation/archive-refs.js'
import { type Snapshot, writeSnapshot } from '../../preservation/archive-snapshot.js'
import { type ObjectSource, openSource } from '../../preservation/archive-source.js'
import { linkObjects } from '../../preservation/linked-objects.js'
import { copySharedIndexes } from '../../preservation/shared-index.js'
import { CONTEXT_FOLDER } from '../../task-files/issue-context.js'
import { besideAndResultsOf } from '../looking/beside-of.js'
import { indexFileOf } from '../looking/index-file.js'
import { managersNames } from '../looking/look-for-work.js'
import { readUmask } from './archive-folder.js'
import type { ArchiveJob, JobRepository } from './archive-job.js'

/** What was taken over of an agent's repository. */
export interface ArchivedObjects {
  readonly head: AgentHead
  readonly refs: AgentRefs | undefined
  /** Worktrees that the agent has made of it. */
  readonly added: readonly AddedWorktree[]
  readonly planned: PlannedRefs
  /** Commits at which history ends, though they have parents. */
  readonly cuts: readonly string[]
  /** Blobs that only the agent's index names. */
  readonly blobs: readonly string[]
  readonly basePacks: readonly string[]
}

const NO_OBJECTS: ArchivedObjects = {
  head: {},
  refs: undefined,
  added: [],
  planned: { all: new Map(), named: [] },
  cuts: [],
  blobs: [],
  basePacks: [],
}

/** Takes over what the base reaches, and everything that the agent's repository names beyond it. */
export async function archiveObjects(job: ArchiveJob): Promise<ArchivedObjects> {
  const { repository, store, scratch } = job
  if (repository === undefined) return NO_OBJECTS
  const { objectFormat } = store
  const { alternates } = repository
  const view = { scratchDir: scratch, workTree: scratch, objectFormat, alternates }
  return withTrustedView(view, (trusted) => archiveThrough(job, repository, trusted))
}

async function archiveThrough(
  job: ArchiveJob,
  repository: JobRepository,
  view: TrustedView,
): Promise<ArchivedObjects> {
  const { store, archiveId } = job
  const { git } = job.services
  const { signal, record } = job.request
  const { rootDir, branch } = record
  const place = { ...repository, rootDir, isManagers: managersNames(record), signal }
  const refs = await readAgentRefs({ ...place, branch })
  const added = await addedWorktrees(place)
  const basePacks =
    repository.baseObjects === undefined
      ? []
      : await takeInObjects(repository.baseObjects, join(store.gitDir, 'objects'))
  const indexed = await indexedObjects(git, [repository.agent, ...added], view, signal)
  const alternates = await trustedObjects(job, repository)
  const source = await openSource(git, store, { ...place, alternates, viewGitDir: view.gitDir })
  const needed = [refs.head.commit, ...refs.refs.values(), ...refs.stashes.map(({ commit }) => commit)]
  const packed = await packAgentObjects(git, source, {
    needed: needed.filter((oid) => oid !== undefined),
    wanted: [...refs.specials.values(), ...refs.reflogTips, ...indexed],
    base: repository.base,
    file: join(job.scratch, 'work'),
    signal,
  })
  const { pack, base } = packed
  if (pack !== undefined) await installPack(git, store, { file: pack, archiveId, kind: 'work', signal })
  const planned = await planWhatIsThere(job, refs, { ...packed, source })
  await assertComplete(git, source.store, { tips: [...planned.all.values()], base, signal })
  const blobs = indexed.filter((oid) => packed.there.get(oid) === 'blob')
  return { head: refs.head, refs, added, planned, cuts: source.cuts, blobs, basePacks }
}

/**
 * Looked up after the names, so that what an agent still at work has named is there. What it borrows from elsewhere
 * counts as missing, and so does what only archives of other tasks have: a restore would hand it over.
 */
async function trustedObjects(
  { store, scratch }: ArchiveJob,
  { agent, refs, alternates }: JobRepository,
): Promise<string[]> {
  const base = await linkObjects(join(store.gitDir, 'objects'), join(scratch, 'base'), isBasePack)
  if (refs === 'shared') return [...alternates, base]
  const [own = join(agent.commonDir, 'objects'), ...others] = alternates
  return [await linkObjects(own, join(scratch, 'own')), ...others, base]
}

async function planWhatIsThere(
  { services, archiveId, request }: ArchiveJob,
  refs: AgentRefs,
  { there, base, source }: PackedObjects & { readonly source: ObjectSource },
): Promise<PlannedRefs> {
  const specials = new Map([...refs.specials].filter(([, oid]) => there.has(oid)))
  const named = { head: refs.head.commit, refs: refs.refs, stashes: refs.stashes, specials }
  const reached = [...planRefs(archiveId, { ...named, others: [] }).all.values()]
  const commits = refs.reflogTips.filter((oid) => there.get(oid) === 'commit')
  const others = await unreachedCommits(services.git, source.store, {
    commits,
    reached: [...reached.filter((oid) => there.get(oid) !== 'tree' && there.get(oid) !== 'blob'), ...base],
    signal: request.signal,
  })
  // What is no commit is reached by nothing that was asked for: it has to be named itself.
  const rest = refs.reflogTips.filter((oid) => there.has(oid) && there.get(oid) !== 'commit')
  return planRefs(archiveId, { ...named, others: [...others, ...rest] })
}

async function indexedObjects(
  git: Git,
  gitDirs: readonly { readonly gitDir: string }[],
  view: TrustedView,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  const found = new Set<string>()
  for (const { gitDir } of gitDirs) {
    if ((await copyIndex(join(gitDir, 'index'), view.indexFile)) === 'absent') continue
    await copySharedIndexes(gitDir, view.gitDir)
    for (const oid of await objectsOfIndex(git, view, signal)) found.add(oid)
  }
  return [...found]
}

/** Writes the checkout's files, and those of its git dir, as they are. */
export async function archiveSnapshot(job: ArchiveJob, objects: ArchivedObjects): Promise<Snapshot> {
  const { store, archiveId, files, repository, scratch, services } = job
  const { record, signal } = job.request
  const { workDir, contextDir } = record
  const isContextInside = contextDir === undefined || contextDir === join(workDir, CONTEXT_FOLDER)
  const file = join(scratch, 'snapshot.pack')
  const snapshot = await writeSnapshot({
    file,
    format: store.objectFormat,
    title: `Archive of ${describeKey(record)}`,
    now: job.now,
    workDir,
    files,
    baseline: await baselineOf(job, objects),
    leaveOut: [...(repository === undefined ? [] : ['.git']), ...(isContextInside ? [CONTEXT_FOLDER] : [])],
    repository: repository && {
      agent: repository.agent,
      branches: branchesOf(objects),
      worktrees: objects.added.map(({ name }) => name),
    },
    beside: await besideAndResultsOf(record, {
      traits: job.request.strategy.traits,
      added: objects.added,
      signal,
    }),
    contextDir,
    refs: objects.planned.named,
    stashes: objects.refs?.stashes ?? [],
    cuts: objects.cuts,
    kept: objects.blobs,
    umask: await readUmask(scratch),
    signal,
  })
  await installPack(services.git, store, { file, archiveId, kind: 'snapshot', signal })
  await assertComplete(
    services.git,
    { ...store, alternates: [] },
    { tips: [snapshot.commit], base: [], signal },
  )
  return snapshot
}

function branchesOf({ refs }: ArchivedObjects): string[] {
  const names = [...(refs?.refs.keys() ?? [])].filter((ref) => ref.startsWith('refs/heads/'))
  return names.map((ref) => ref.slice('refs/heads/'.length))
}

async function baselineOf(job: ArchiveJob, { head }: ArchivedObjects): Promise<Baseline> {
  const { repository, files, services, store, scratch, request } = job
  if (repository === undefined || files === 'gone') return NO_BASELINE
  return readBaseline(services.git, {
    workDir: request.record.workDir,
    scratchDir: scratch,
    objectFormat: store.objectFormat,
    alternates: repository.alternates,
    base: request.record.base?.commit,
    indexFile: indexFileOf(services, request.record),
    head: head.commit,
    agentIndex: join(repository.agent.gitDir, 'index'),
    includeIgnored: request.includeIgnored,
    nested: request.work.nested,
    onNothingNamed: () => warnOfGlobs(job),
    signal: request.signal,
  })
}

function warnOfGlobs({ services, request: { record, includeIgnored } }: ArchiveJob): void {
  const message = `none of the ignored files is archived: includeIgnored names none of them: ${JSON.stringify(includeIgnored)}`
  services.events.emit('warning', sessionFacts(record), { code: 'NOTHING_INCLUDED', message })
}

/** Names everything in the store, in one transaction. */
export async function archiveRefs(
  { services, store, archiveId, request }: ArchiveJob,
  { planned }: ArchivedObjects,
  { commit }: Snapshot,
): Promise<string[]> {
  const all = new Map([...planned.all, [`refs/archives/${archiveId}/snapshot`, commit]])
  await writeRefs(services.git, store, all, request.signal)
  await syncRefs(store, archiveId)
  return [...all.keys()].sort()
}
