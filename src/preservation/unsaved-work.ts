import { join } from 'node:path'
import { isWorkspaceError, StoppedError } from '../errors/workspace-error.js'
import { shownText } from '../fs/byte-names.js'
import { kindOf, kindsOf } from '../fs/presence.js'
import { readAgentHead } from '../git/agent-git-dir.js'
import type { Git } from '../git/git.js'
import { tampered } from '../git/plain-files.js'
import type { UnsavedWork } from '../model/reports.js'
import { readAgentRefs } from './agent-refs.js'
import { findUnsavedCommits } from './look-commits.js'
import { type FileWork, findFileWork, findStagedAlone } from './look-files.js'
import { sizeOf } from './look-ignored.js'
import { findNested } from './look-nested.js'
import { operationsInProgress } from './look-progress.js'
import type { LookRequest } from './look-request.js'
import { splitList } from './look-staged.js'
import { findLeftSubmodules, findSubmoduleWork } from './look-submodules.js'
import { ownWorktrees } from './look-worktrees.js'
import { SeenRepositories } from './repositories-in-ignored.js'
import { problemOfRootPointer } from './root-pointer.js'
import { together } from './together.js'
import type { TreeLook } from './tree-look.js'

export type { LookRequest } from './look-request.js'

export const NOTHING_UNSAVED: UnsavedWork = {
  commits: [],
  changedFiles: [],
  stashes: 0,
  tags: [],
  inProgress: [],
  nested: [],
  unknown: [],
  counts: { commits: 0, staged: 0, unstaged: 0, untracked: 0, stashes: 0 },
  ignored: { files: 0, bytes: 0 },
}

const LISTED_FILES = 100

/** Whether the look found anything, or could not tell. Ignored files are nothing. */
export function hasUnsavedWork(work: UnsavedWork): boolean {
  const { commits, changedFiles, stashes, tags, inProgress, nested, unknown } = work
  const lists = [commits, changedFiles, tags, inProgress, nested, unknown]
  return stashes > 0 || lists.some((list) => list.length > 0)
}

/**
 * Finds work that exists only in this checkout. The agent's repository is read as plain files and its tree
 * through a git dir of our own; what cannot be read is reported as unknown, which counts as unsaved.
 */
export async function findUnsavedWork(git: Git, request: LookRequest): Promise<UnsavedWork> {
  return orUnknown(async () => {
    await assertWhole(request)
    if (request.files === 'gone') return inWhatIsLeft(git, request)
    const [{ work, stashes }, files] = await together([inRepository(git, request), inCheckout(git, request)])
    const unknown = [...work.unknown, ...files.unknown]
    return {
      ...work,
      ...files,
      unknown,
      stashes,
      counts: { ...files.counts, commits: work.counts.commits, stashes },
    }
  })
}

/**
 * Without its parts a repository says nothing of what there was. Where all of it is gone with the files, nothing is
 * left.
 */
async function assertWhole({ agent: { gitDir, commonDir }, files }: LookRequest): Promise<void> {
  const [repository, head, objects] = await kindsOf([
    gitDir,
    join(gitDir, 'HEAD'),
    join(commonDir, 'objects'),
  ])
  if (repository === 'absent' && files === 'present')
    throw tampered('the repository of the checkout is gone', gitDir)
  if (repository !== 'absent' && head === 'absent')
    throw tampered('the HEAD of the repository is gone', gitDir)
  if (repository !== 'absent' && objects === 'absent')
    throw tampered('the objects of the repository are gone', commonDir)
}

/** Looks once more for what the repository has: the remote may have more of it by now. */
export async function findUnsavedCommitsAgain(
  git: Git,
  request: LookRequest,
  work: UnsavedWork,
): Promise<UnsavedWork> {
  return orUnknown(async () => {
    const { commits, tags, counts, unknown: others } = (await inRepository(git, request)).work
    const unknown = [...new Set([...work.unknown, ...others])]
    return { ...work, commits, tags, unknown, counts: { ...work.counts, commits: counts.commits } }
  })
}

async function orUnknown(look: () => Promise<UnsavedWork>): Promise<UnsavedWork> {
  try {
    return shown(await look())
  } catch (error) {
    // A full disk says nothing of the workspace: with room again it can be looked into.
    if (!isWorkspaceError(error) || error instanceof StoppedError || error.code === 'DISK_FULL') throw error
    return { ...NOTHING_UNSAVED, unknown: [`${error.message} (${error.code})`] }
  }
}

/** Names may be no text; whoever reads the report gets some. */
function shown(work: UnsavedWork): UnsavedWork {
  return {
    ...work,
    changedFiles: work.changedFiles.map(shownText),
    tags: work.tags.map(shownText),
    nested: work.nested.map(shownText),
    unknown: work.unknown.map(shownText),
  }
}

async function inRepository(git: Git, request: LookRequest) {
  const refs = await readAgentRefs(request)
  const { commits, tags, count, others } = await findUnsavedCommits(git, request, refs)
  const counts = { ...NOTHING_UNSAVED.counts, commits: count }
  // The stash of the caller's own repository stays there.
  const isKept = request.refs === 'shared' && request.repository.owner === 'caller'
  const work: UnsavedWork = { ...NOTHING_UNSAVED, commits, tags, counts, unknown: others }
  return { work, stashes: isKept ? 0 : refs.stashes.length }
}

/** Of a checkout whose files are gone. */
async function inWhatIsLeft(git: Git, request: LookRequest): Promise<UnsavedWork> {
  const { work } = await inRepository(git, request)
  // A clone's repository goes with its files.
  if ((await kindOf(request.agent.gitDir)) === 'absent') return work
  const look = treeLook(request, (await readAgentHead(request.agent)).commit)
  const staged = await findStagedAlone(git, look)
  const counts = { ...work.counts, staged: staged.length }
  return { ...work, changedFiles: staged.slice(0, LISTED_FILES), counts }
}

async function inCheckout(git: Git, request: LookRequest) {
  const look = treeLook(request, (await readAgentHead(request.agent)).commit)
  const files = await findFileWork(git, look)
  const inside = await findNested(look, files)
  const saved = await savedSubmodules(git, request, look, files)
  const submodules = await findSubmoduleWork(git, look, files.submodules, saved)
  const seen = new SeenRepositories(request.workDir)
  const ignored = await sizeOf(request.workDir, notOurs(request, files), request.signal, seen.notice)
  const nested = [...new Set([...inside.repositories, ...submodules, ...(await seen.withWork())])]
  const left = await findLeftSubmodules(git, look, [...nested, ...files.submodules.keys()], saved)
  const pointer = request.refs === 'shared' && (await problemOfRootPointer(request.agent, request.workDir))
  return {
    changedFiles: [...new Set([...files.staged, ...files.unstaged, ...files.untracked])].slice(
      0,
      LISTED_FILES,
    ),
    inProgress: await operationsInProgress(request.agent),
    nested,
    unknown: [
      ...(pointer ? [pointer] : []),
      ...inside.unknown,
      ...left,
      ...(await ownWorktrees(request, nested)),
    ],
    counts: {
      staged: files.staged.length,
      unstaged: files.unstaged.length,
      untracked: files.untracked.length,
    },
    ignored,
  }
}

function treeLook(request: LookRequest, head: string | undefined): TreeLook {
  const { agent, workDir, repository, startedFrom, indexFile, sparse, scratchDir, signal } = request
  return {
    agent,
    workDir,
    head,
    indexCommit: startedFrom[0],
    indexFile,
    sparse,
    objectFormat: repository.objectFormat,
    objectDirectory: join(repository.gitDir, 'objects'),
    scratchDir,
    signal,
  }
}

/** Only what the first base names was there before the agent: a later one may name what the agent has never pushed. */
async function savedSubmodules(
  git: Git,
  { startedFrom, repository: { gitDir }, signal }: LookRequest,
  { head }: TreeLook,
  { submodules }: FileWork,
): Promise<ReadonlyMap<string, string>> {
  const base = startedFrom.at(-1)
  if (base === undefined || submodules.size === 0) return new Map()
  if (head === base) return submodules
  const args = ['ls-tree', '-z', '--full-tree', base, '--', ...submodules.keys()]
  const { stdout } = await git.run({ args, gitDir, signal })
  const lines = splitList(stdout).map((line) => /^160000 commit (\S+)\t(.*)$/s.exec(line) ?? [])
  return new Map(lines.map(([, commit = '', path = '']) => [path, commit]))
}

function notOurs({ ownFolder }: LookRequest, { ignored }: FileWork): string[] {
  return ignored.filter((path) => !path.startsWith(`${ownFolder}/`))
}
