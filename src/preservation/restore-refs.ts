import { join } from 'node:path'
import { type AgentGitDir, readRefs } from '../git/agent-git-dir.js'
import type { Git } from '../git/git.js'
import { readStashes } from './agent-stashes.js'
import type { OpenArchive } from './restore-archive.js'

export interface RefsRequest {
  readonly agent: AgentGitDir
  /** Whether the repository is the task's alone. */
  readonly refs: 'own' | 'shared'
  /** The task's branch when it was archived, and its name now. */
  readonly branch: { readonly from: string; readonly to: string } | undefined
  readonly signal?: AbortSignal | undefined
}

/** A ref that was made or moved in a repository that others use too. */
export interface RestoredRef {
  readonly ref: string
  readonly commit: string
}

/**
 * Gives a repository the archived refs and stashes. In one of the task's own there are no other branches and tags
 * afterwards; in a shared one other refs stay what they are.
 *
 * @returns the refs that were written.
 */
export async function restoreRefs(
  git: Git,
  archive: OpenArchive,
  request: RefsRequest,
): Promise<RestoredRef[]> {
  const wanted = wantedRefs(archive, request)
  const { agent, signal } = request
  const existing = await readRefs(agent, ['refs/heads/', 'refs/tags/'])
  // The task's branch is there because the checkout was made with it; the agent may have deleted or renamed it.
  const tasks = `refs/heads/${request.branch?.to}`
  const isOurs = (ref: string) => request.refs === 'own' || ref === tasks
  const extra = [...existing].filter(([ref]) => !wanted.has(ref) && isOurs(ref))
  const deletions = extra.map(([ref, oid]) => `delete ${ref} ${oid}\n`)
  await updateRefs(git, agent.gitDir, deletions, signal)
  const written = [...wanted].filter(([ref]) => !existing.has(ref) || isOurs(ref))
  const updates = written.map(([ref, oid]) => `update ${ref} ${oid}\n`)
  await updateRefs(git, agent.gitDir, updates, signal)
  return written.map(([ref, commit]) => ({ ref, commit }))
}

/** Puts stashes back that are not there, the oldest first; those of other tasks stay. */
export async function restoreStashes(
  git: Git,
  { manifest }: OpenArchive,
  { agent, signal }: Pick<RefsRequest, 'agent' | 'signal'>,
): Promise<void> {
  const there = new Set((await readStashes(agent.commonDir)).map(({ commit }) => commit))
  const missing = manifest.stashes.filter(({ commit }) => !there.has(commit))
  for (const { commit, message } of [...missing].reverse()) {
    const args = ['update-ref', '--create-reflog', '-m', message, 'refs/stash', commit]
    await git.run({ args, gitDir: agent.commonDir, signal })
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
  gitDir: string,
  lines: readonly string[],
  signal: AbortSignal | undefined,
): Promise<void> {
  if (lines.length === 0) return
  await git.run({ args: ['update-ref', '--stdin'], gitDir, input: lines.join(''), signal })
}

/** The content that HEAD has now, as the archive has it but for the task's branch, which may have another name. */
export function renamedHead(content: string, { branch }: Pick<RefsRequest, 'branch'>): string {
  const isTasks = branch !== undefined && content.trim() === `ref: refs/heads/${branch.from}`
  return isTasks ? `ref: refs/heads/${branch.to}\n` : content
}
