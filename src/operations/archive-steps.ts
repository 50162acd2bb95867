import { join } from 'node:path'
import type { AgentHead } from '../git/agent-git-dir.js'
import { copyIndex } from '../git/trusted-view.js'
import { describeKey } from '../model/workspace-key.js'
import { type AgentRefs, readAgentRefs } from '../preservation/agent-refs.js'
import { takeInObjects } from '../preservation/archive-base.js'
import { type Baseline, NO_BASELINE, readBaseline } from '../preservation/archive-baseline.js'
import {
  assertComplete,
  objectsOfIndex,
  type PackedObjects,
  packAgentObjects,
  unreachedCommits,
} from '../preservation/archive-objects.js'
import { installPack } from '../preservation/archive-packs.js'
import { type PlannedRefs, planRefs, syncRefs, writeRefs } from '../preservation/archive-refs.js'
import { type Snapshot, writeSnapshot } from '../preservation/archive-snapshot.js'
import { CONTEXT_FOLDER } from '../task-files/issue-context.js'
import { readUmask } from './archive-folder.js'
import type { ArchiveJob, JobRepository } from './archive-job.js'
import { indexFileOf } from './index-file.js'

/** What was taken over of an agent's repository. */
export interface ArchivedObjects {
  readonly head: AgentHead
  readonly refs: AgentRefs | undefined
  readonly planned: PlannedRefs
  /** Blobs that only the agent's index names. */
  readonly blobs: readonly string[]
  /** Commits that the store has without this archive. */
  readonly base: readonly string[]
  readonly basePacks: readonly string[]
}

const NO_OBJECTS: ArchivedObjects = {
  head: {},
  refs: undefined,
  planned: { all: new Map(), named: [] },
  blobs: [],
  base: [],
  basePacks: [],
}

/** Takes over what the base reaches, and everything that the agent's repository names beyond it. */
export async function archiveObjects(job: ArchiveJob): Promise<ArchivedObjects> {
  const { repository, store, archiveId } = job
  if (repository === undefined) return NO_OBJECTS
  const { git } = job.services
  const { signal, record } = job.request
  const refs = await readAgentRefs({ ...repository, branch: record.branch })
  const basePacks =
    repository.baseObjects === undefined
      ? []
      : await takeInObjects(repository.baseObjects, join(store.gitDir, 'objects'))
  const indexed = await indexedObjects(job, repository)
  const needed = [refs.head.commit, ...refs.refs.values(), ...refs.stashes.map(({ commit }) => commit)]
  const packed = await packAgentObjects(git, store, {
    needed: needed.filter((oid) => oid !== undefined),
    wanted: [...refs.specials.values(), ...refs.reflogTips, ...indexed],
    base: repository.base,
    alternates: repository.alternates,
    file: join(job.scratch, 'work'),
    signal,
  })
  const { pack, base } = packed
  if (pack !== undefined) await installPack(git, store, { file: pack, archiveId, kind: 'work', signal })
  const planned = await planWhatIsThere(job, refs, packed)
  await assertComplete(git, store, { tips: [...planned.all.values()], base, signal })
  const blobs = indexed.filter((oid) => packed.there.get(oid) === 'blob')
  return { head: refs.head, refs, planned, blobs, base, basePacks }
}

async function planWhatIsThere(
  { services, store, archiveId, request }: ArchiveJob,
  refs: AgentRefs,
  { there, base }: PackedObjects,
): Promise<PlannedRefs> {
  const specials = new Map([...refs.specials].filter(([, oid]) => there.has(oid)))
  const named = { head: refs.head.commit, refs: refs.refs, stashes: refs.stashes, specials }
  const reached = [...planRefs(archiveId, { ...named, others: [] }).all.values()]
  const commits = refs.reflogTips.filter((oid) => there.get(oid) === 'commit')
  const others = await unreachedCommits(services.git, store, {
    commits,
    reached: [...reached.filter((oid) => there.get(oid) !== 'tree' && there.get(oid) !== 'blob'), ...base],
    signal: request.signal,
  })
  return planRefs(archiveId, { ...named, others })
}

async function indexedObjects(job: ArchiveJob, { agent, alternates }: JobRepository): Promise<string[]> {
  const indexFile = join(job.scratch, 'index')
  if ((await copyIndex(join(agent.gitDir, 'index'), indexFile)) === 'absent') return []
  const { services, store, request } = job
  return objectsOfIndex(services.git, store, { indexFile, alternates, signal: request.signal })
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
    agent: repository?.agent,
    branches: branchesOf(objects),
    contextDir,
    refs: objects.planned.named,
    stashes: objects.refs?.stashes ?? [],
    kept: objects.blobs,
    umask: await readUmask(scratch),
    signal,
  })
  await installPack(services.git, store, { file, archiveId, kind: 'snapshot', signal })
  await assertComplete(services.git, store, { tips: [snapshot.commit], base: [], signal })
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
    signal: request.signal,
  })
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
