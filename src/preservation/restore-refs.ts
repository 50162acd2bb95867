import { join } from 'node:path'
import { hasErrorCode } from '../errors/workspace-error.js'
import { type AgentGitDir, readRefs, readSymbolicRef, resolveRef } from '../git/agent-git-dir.js'
import type { Git } from '../git/git.js'
import { redact } from '../git/redaction.js'
import type { RefPlace } from '../git/trusted-config.js'
import { readStashes } from './agent-stashes.js'
import { staysOnBase } from './lost-head.js'
import type { OpenArchive } from './restore-archive.js'

/** In characters: Linux takes no argument of more than 128 KiB. */
const MAX_MESSAGE = 30_000

export interface RefsRequest {
  readonly agent: AgentGitDir
  /** How git gets there: in a repository that others can write to, not by its configuration. */
  readonly place: RefPlace
  /** Whether the repository is the task's alone. */
  readonly refs: 'own' | 'shared'
  /** The task's branch when it was archived, and its name now. */
  readonly branch: { readonly from: string; readonly to: string } | undefined
  readonly signal?: AbortSignal | undefined
}

/** A ref that was made or moved. */
export interface RestoredRef {
  readonly ref: string
  readonly commit: string
  /** Where it is, where git refuses it under its own name. */
  readonly elsewhere?: string
}

/**
 * Gives a repository the archived refs and stashes. In one of the task's own there are no other branches and tags
 * afterwards, but for the task's branch where it stays on the base; in a shared one other refs stay what they are.
 *
 * A name that git refuses (what other programs put among the refs, or one that another branch stands in the way of by
 * now) keeps nothing back: its object is kept below `refs/restored/`.
 *
 * @returns the refs that were written.
 */
export async function restoreRefs(
  git: Git,
  archive: OpenArchive,
  request: RefsRequest,
): Promise<RestoredRef[]> {
  const wanted = wantedRefs(archive, request)
  const { agent, place, signal } = request
  const existing = await readRefs(agent, ['refs/heads/', 'refs/tags/'])
  // The task's branch is there because the checkout was made with it; the agent may have deleted or renamed it.
  const tasks = `refs/heads/${request.branch?.to}`
  const isOurs = (ref: string) => request.refs === 'own' || ref === tasks
  const kept = staysOnBase(archive) ? tasks : undefined
  const extra = [...existing].filter(([ref]) => !wanted.has(ref) && isOurs(ref) && ref !== kept)
  const deletions = extra.map(([ref, oid]) => ({ ref, line: `delete ${ref}\0${oid}\0` }))
  await updateRefs(git, place, deletions, signal)
  const aliases = request.refs === 'shared' ? await livingAliases(agent, wanted.keys()) : new Set()
  const missing = [...wanted].filter(([ref]) => (!existing.has(ref) && !aliases.has(ref)) || isOurs(ref))
  const refs = missing.map(([ref, commit]): RestoredRef => ({ ref, commit }))
  return writeRefs(git, refs, { place, archiveId: archive.record.archiveId, signal })
}

/** Those that stand for another ref there, which is written under its own name. */
async function livingAliases(agent: AgentGitDir, refs: Iterable<string>): Promise<ReadonlySet<string>> {
  const found = new Set<string>()
  for (const ref of refs) {
    const isSymbolic = (await readSymbolicRef(agent.commonDir, ref)) !== undefined
    if (isSymbolic && (await resolveRef(agent, ref)) !== undefined) found.add(ref)
  }
  return found
}

interface Writing extends Pick<RefsRequest, 'place'> {
  readonly archiveId: string
  readonly signal: AbortSignal | undefined
}

/** All at once, and one by one where git refuses any of them. */
async function writeRefs(git: Git, refs: readonly RestoredRef[], writing: Writing): Promise<RestoredRef[]> {
  const { place, archiveId, signal } = writing
  if (await isWritten(git, refs, writing)) return [...refs]
  const written: RestoredRef[] = []
  for (const [index, { ref, commit }] of refs.entries()) {
    const elsewhere = `refs/restored/${archiveId}/${index}`
    const isInPlace = await isWritten(git, [{ ref, commit }], writing)
    if (!isInPlace) await updateRefs(git, place, [updateOf({ ref: elsewhere, commit })], signal)
    written.push(isInPlace ? { ref, commit } : { ref, commit, elsewhere })
  }
  return written
}

async function isWritten(git: Git, refs: readonly RestoredRef[], writing: Writing): Promise<boolean> {
  try {
    await updateRefs(git, writing.place, refs.map(updateOf), writing.signal)
    return true
  } catch (error) {
    if (!hasErrorCode(error, 'GIT_FAILED') || error.retryable) throw error
    return false
  }
}

interface RefChange {
  readonly ref: string
  /** As `git update-ref --stdin -z` reads it. */
  readonly line: string
}

function updateOf({ ref, commit }: RestoredRef): RefChange {
  return { ref, line: `update ${ref}\0${commit}\0\0` }
}

/** Puts stashes back that are not there, the oldest first; those of other tasks stay. */
export async function restoreStashes(
  git: Git,
  { manifest }: OpenArchive,
  { agent, place, signal }: Pick<RefsRequest, 'agent' | 'place' | 'signal'>,
): Promise<void> {
  const there = new Set((await readStashes(agent.commonDir)).map(({ commit }) => commit))
  const missing = manifest.stashes.filter(({ commit }) => !there.has(commit))
  for (const { commit, message } of [...missing].reverse()) {
    // git refuses to write none, which a stash has whose reflog had expired. Everybody on the machine can read arguments.
    const told = message === '' ? 'stash' : redact(message.slice(0, MAX_MESSAGE), [])
    const args = ['update-ref', '--create-reflog', '-m', told, 'refs/stash', commit]
    await git.run({ args, ...place, signal })
  }
}

/** The name that a file of the git dir has now that is named after the task's branch. */
export function renamedLog(name: string, { branch }: Pick<RefsRequest, 'branch'>): string {
  return branch !== undefined && name === join('logs/refs/heads', branch.from)
    ? join('logs/refs/heads', branch.to)
    : name
}

function wantedRefs({ manifest, refs }: OpenArchive, { branch }: RefsRequest): Map<string, string> {
  const wanted = new Map<string, string>()
  for (const [ref, archived] of manifest.refs) {
    const oid = refs.get(archived)
    const name = branch !== undefined && ref === `refs/heads/${branch.from}` ? `refs/heads/${branch.to}` : ref
    if (oid !== undefined) wanted.set(name, oid)
  }
  return wanted
}

async function updateRefs(
  git: Git,
  place: RefsRequest['place'],
  changes: readonly RefChange[],
  signal: AbortSignal | undefined,
): Promise<void> {
  if (changes.length === 0) return
  await git.run({
    args: ['update-ref', '--no-deref', '--stdin', '-z'],
    ...place,
    ownRefs: changes.map(({ ref }) => ref),
    input: changes.map(({ line }) => line).join(''),
    signal,
  })
}
