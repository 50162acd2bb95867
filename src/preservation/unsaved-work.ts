import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { isWorkspaceError, StoppedError } from '../errors/workspace-error.js'
import { kindOf, namesIn } from '../fs/presence.js'
import { type AgentGitDir, readAgentHead, readRef, readRefs } from '../git/agent-git-dir.js'
import type { Git } from '../git/git.js'
import { copyIndex, type TrustedView, withTrustedView } from '../git/trusted-view.js'
import type { UnsavedWork } from '../model/reports.js'
import { folderContent } from './folder-content.js'

/** A checkout to look into, and what counts as saved. */
export interface LookRequest {
  readonly agent: AgentGitDir
  readonly workDir: string
  /** `gone` where the checkout's folder was deleted, so that only commits can be left. */
  readonly files: 'present' | 'gone'
  /** The mirror or the caller's own repository: what its upstream refs reach is saved. */
  readonly repository: { readonly gitDir: string; readonly objectFormat: 'sha1' | 'sha256' }
  /** Refs of the repository that prove a commit saved, as rev-list(1) takes them. */
  readonly savedRefs: readonly string[]
  /** Whether branches live in the repository and outlive the checkout. */
  readonly refs: 'own' | 'shared'
  readonly branch?: string | undefined
  /** The manager's own copy of the index; without it contents are compared. */
  readonly indexFile?: string | undefined
  readonly scratchDir: string
  readonly signal?: AbortSignal | undefined
}

export const NOTHING_UNSAVED: UnsavedWork = {
  commits: [],
  changedFiles: [],
  stashes: 0,
  tags: [],
  unknown: [],
}

/** Whether the look found anything, or could not tell. */
export function hasUnsavedWork(work: UnsavedWork): boolean {
  return (
    work.commits.length + work.changedFiles.length + work.stashes + work.tags.length + work.unknown.length > 0
  )
}

/**
 * Finds work that exists only in this checkout. The agent's repository is read as plain files and its tree
 * through a git dir of our own; what cannot be read is reported as unknown, which counts as unsaved.
 */
export async function findUnsavedWork(git: Git, request: LookRequest): Promise<UnsavedWork> {
  try {
    return await look(git, request)
  } catch (error) {
    if (!isWorkspaceError(error) || error instanceof StoppedError) throw error
    return { ...NOTHING_UNSAVED, unknown: [`${error.message} (${error.code})`] }
  }
}

async function look(git: Git, request: LookRequest): Promise<UnsavedWork> {
  const head = await headCommit(request)
  const tips = await agentTips(request, head)
  const commits = await unsavedCommits(git, request, tips)
  const tags = request.refs === 'own' ? await ownTags(request) : []
  if (request.files === 'gone') return { ...NOTHING_UNSAVED, commits, tags }
  const changedFiles = head === undefined ? ['(the branch has no commit)'] : await changes(git, request, head)
  const stashed = request.refs === 'own' ? await readRef(request.agent, 'refs/stash') : undefined
  const unknown = [...(await initialisedSubmodules(git, request)), ...(await ownWorktrees(request))]
  return { commits, changedFiles, stashes: stashed === undefined ? 0 : 1, tags, unknown }
}

/** Where the git dir went with the checkout, what HEAD said is gone as well. */
async function headCommit({ agent, files }: LookRequest): Promise<string | undefined> {
  if (files === 'gone' && (await kindOf(agent.gitDir)) === 'absent') return undefined
  return (await readAgentHead(agent)).commit
}

/** Every commit the agent could be missing: HEAD, its branches and tags, and those of work in progress. */
async function agentTips({ agent, refs, branch }: LookRequest, head: string | undefined): Promise<string[]> {
  const tips = new Set<string | undefined>([head])
  if (refs === 'own') {
    const all = await readRefs(agent, ['refs/'])
    for (const [ref, oid] of all) if (!ref.startsWith('refs/remotes/')) tips.add(oid)
  } else if (branch !== undefined) {
    tips.add(await readRef(agent, `refs/heads/${branch}`))
  }
  for (const name of ['MERGE_HEAD', 'REBASE_HEAD', 'CHERRY_PICK_HEAD']) {
    tips.add(await readRef({ ...agent, commonDir: agent.gitDir }, name))
  }
  return [...tips].filter((tip) => tip !== undefined)
}

/** A tag may be new though its commit is not. */
async function ownTags({ agent, repository }: LookRequest): Promise<string[]> {
  const known = await readRefs({ gitDir: repository.gitDir, commonDir: repository.gitDir }, ['refs/tags/'])
  const own = await readRefs(agent, ['refs/tags/'])
  return [...own]
    .filter(([ref, oid]) => known.get(ref) !== oid)
    .map(([ref]) => ref.slice('refs/tags/'.length))
}

/** Worktrees that the agent has added to its clone have files elsewhere, and commits here. */
async function ownWorktrees({ agent, refs }: LookRequest): Promise<string[]> {
  const names = refs === 'own' ? await namesIn(join(agent.commonDir, 'worktrees')) : []
  return names.map((name) => `the clone has a worktree of its own, "${name}"`)
}

async function unsavedCommits(git: Git, request: LookRequest, tips: readonly string[]): Promise<string[]> {
  if (tips.length === 0) return []
  const { stdout } = await git.run({
    args: ['rev-list', '--max-count=20', '--stdin', '--not', ...request.savedRefs],
    input: tips.map((tip) => `${tip}\n`).join(''),
    gitDir: request.repository.gitDir,
    alternates: [join(request.agent.commonDir, 'objects')],
    signal: request.signal,
  })
  return stdout.split('\n').filter((line) => line !== '')
}

async function changes(git: Git, request: LookRequest, head: string): Promise<string[]> {
  const view = {
    scratchDir: request.scratchDir,
    workTree: request.workDir,
    objectFormat: request.repository.objectFormat,
    head,
    alternates: [join(request.agent.commonDir, 'objects'), join(request.repository.gitDir, 'objects')],
    indexFile: request.indexFile,
  }
  return withTrustedView(view, async (trusted) => {
    await git.run({ args: ['read-tree', '-i', '-m', head], ...trusted, signal: request.signal })
    const found = [
      ...(await treeChanges(git, trusted, request)),
      ...(await stagedChanges(git, trusted, request, head)),
    ]
    return [...new Set(found)].slice(0, 100)
  })
}

async function treeChanges(git: Git, view: TrustedView, { signal }: LookRequest): Promise<string[]> {
  const { stdout } = await git.run({
    args: [
      'status',
      '--porcelain',
      '-z',
      '--untracked-files=normal',
      '--no-renames',
      '--ignore-submodules=all',
    ],
    ...view,
    signal,
  })
  return paths(stdout).map((line) => line.slice(3))
}

async function stagedChanges(
  git: Git,
  view: TrustedView,
  request: LookRequest,
  head: string,
): Promise<string[]> {
  const indexFile = join(view.gitDir, `agent-index-${randomBytes(4).toString('hex')}`)
  if ((await copyIndex(join(request.agent.gitDir, 'index'), indexFile)) === 'absent') return []
  const { stdout } = await git.run({
    args: ['diff-index', '--cached', '--name-only', '--no-renames', '-z', head, '--'],
    ...view,
    indexFile,
    signal: request.signal,
  })
  return paths(stdout)
}

/** A submodule's own repository may hold work, and git would obey its configuration: it is not looked into. */
async function initialisedSubmodules(git: Git, request: LookRequest): Promise<string[]> {
  const { agent, workDir, repository, signal } = request
  const head = (await readAgentHead(agent)).commit
  if (head === undefined) return []
  const { stdout } = await git.run({
    args: ['ls-tree', '-r', '-z', '--full-tree', head],
    gitDir: repository.gitDir,
    alternates: [join(agent.commonDir, 'objects')],
    signal,
  })
  const names = paths(stdout)
    .filter((line) => line.startsWith('160000 '))
    .map((line) => line.split('\t')[1] ?? '')
  const initialised = await Promise.all(
    names.map(async (name) => (await folderContent(join(workDir, name), [])).length > 0),
  )
  return names
    .filter((_, index) => initialised[index])
    .map((name) => `the submodule "${name}" has files of its own`)
}

function paths(output: string): string[] {
  return output.split('\0').filter((path) => path !== '')
}
