import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workspace } from 'git-task-isolation'
import { executable, type Files, symlink } from '../../helpers/fast-import.js'
import { snapshotTree, type TreeSnapshot } from '../../helpers/tree-snapshot.js'
import { tryAgentGit } from '../verbs/stage.js'

/** What every checkout of these tests starts with. */
export const UPSTREAM_FILES: Files = {
  'README.md': '# Upstream\n',
  'src/app.ts': 'one\ntwo\nthree\n',
  'src/deep/er/file.txt': 'deep\n',
  'run.sh': executable('#!/bin/sh\n'),
  link: symlink('src/app.ts'),
  'docs/a.md': 'a\n',
  'docs/b.md': 'b\n',
  '.gitignore': '*.log\nbuild/\n',
}

/** Everything that must be the same after a restore. */
export interface AgentState {
  readonly tree: TreeSnapshot
  readonly git: Readonly<Record<string, string>>
}

const QUESTIONS: Readonly<Record<string, readonly string[]>> = {
  branches: ['for-each-ref', '--format=%(refname) %(objectname)', 'refs/heads', 'refs/tags', 'refs/notes'],
  stashes: ['stash', 'list', '--format=%gd %H %gs'],
  index: ['ls-files', '--stage', '-t', '-v'],
  status: ['status', '--porcelain=v2', '--untracked-files=all'],
  undo: ['ls-files', '--resolve-undo'],
}

/** Files of its git dir that say the same to anybody, which costs no process. */
const ANSWERS = ['HEAD', 'ORIG_HEAD', 'MERGE_HEAD'] as const

/** The tree with modes and links, and what git says. Git dirs of the checkout itself are told by git alone. */
export async function stateOf(workspace: Workspace): Promise<AgentState> {
  // First, since asking for the status refreshes the index.
  const tree = await snapshotTree(workspace.workDir, { ignore: ['.git'] })
  const git: Record<string, string> = {}
  for (const [name, args] of Object.entries(QUESTIONS)) {
    const { code, stdout } = await tryAgentGit(workspace, args)
    git[name] = `${code} ${stdout}`
  }
  const gitDir = await gitDirOf(workspace)
  for (const name of ANSWERS) git[name] = await readIfPresent(join(gitDir, name))
  return { tree, git }
}

/** A worktree's is where its file `.git` says. */
async function gitDirOf({ workDir }: Workspace): Promise<string> {
  const dotGit = join(workDir, '.git')
  const isOwn = (await stat(dotGit).catch(unlessAbsent))?.isDirectory() ?? true
  return isOwn ? dotGit : (await readFile(dotGit, 'utf8')).replace(/^gitdir: /, '').trim()
}

async function readIfPresent(path: string): Promise<string> {
  return (await readFile(path, 'utf8').catch(unlessAbsent)) ?? 'absent'
}

function unlessAbsent(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
    return
  throw error
}
