import { randomBytes } from 'node:crypto'
import { lstat, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { type ErrorData, IntegrityError } from '../errors/workspace-error.js'
import { readAgentHead } from '../git/agent-git-dir.js'
import { isCheckedOut } from '../git/sparse-cone.js'
import { copyIndex } from '../git/trusted-view.js'
import type { CheckoutWork, RefreshWork } from './refresh-work.js'

/** The error of a refresh that would have to overwrite work. */
export function notFastForward(message: string, data: ErrorData, hint?: string): IntegrityError {
  return new IntegrityError('NOT_FAST_FORWARD', message, hint === undefined ? { data } : { data, hint })
}

/** Refuses a checkout with changed or staged files. Untracked files stay, and are never overwritten either. */
export async function refuseChanges(work: RefreshWork): Promise<void> {
  const changed = [...(await changedFiles(work)), ...(await stagedFiles(work))]
  if (changed.length === 0) return
  throw notFastForward(
    'the workspace has uncommitted changes',
    { workDir: work.tree.workDir, files: [...new Set(changed)].slice(0, 20) },
    'Commit or stash the changes, then refresh again.',
  )
}

/**
 * Refuses reflogs that have a second name, which may be that of a file of somebody else: git would append to it.
 *
 * @throws IntegrityError TAMPERED naming the file.
 */
export async function refuseSharedReflogs({ agent }: Pick<RefreshWork, 'agent'>): Promise<void> {
  const { branch } = await readAgentHead(agent)
  const logs = [join(agent.gitDir, 'logs/HEAD')]
  if (branch !== undefined) logs.push(join(agent.commonDir, 'logs/refs/heads', branch))
  for (const path of logs)
    if ((await namesOf(path)) > 1)
      throw new IntegrityError('TAMPERED', `a reflog has a second name: ${path}`, {
        data: { path },
        hint: 'Put a copy in its place, then refresh again.',
      })
}

async function namesOf(path: string): Promise<number> {
  try {
    const stats = await lstat(path)
    return stats.isFile() ? stats.nlink : 0
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return 0
    throw error
  }
}

/** Refuses to leave commits behind that exist in no remote branch and no other branch of the repository. */
export async function refuseUnsavedCommits(work: RefreshWork): Promise<void> {
  const { git, request, agent, before, view } = work
  const own = work.tree.branch === undefined ? [] : [`--exclude=refs/heads/${work.tree.branch}`]
  // Whatever else names a commit, such as a replace ref, keeps it for nobody.
  const kept = ['heads', 'tags', 'remotes'].map((kind) => `--glob=refs/${kind}/*`)
  const { stdout } = await git.run({
    args: ['rev-list', '--max-count=20', before, '--not', ...own, ...kept, request.startedFrom],
    gitDir: request.repository.gitDir,
    alternates: view.alternates,
    signal: request.signal,
  })
  if (stdout.trim() === '') return
  throw notFastForward(
    'the branch has commits that are saved nowhere else',
    { gitDir: agent.gitDir, commits: stdout.trim().split('\n') },
    "Push them first, or refresh with the mode 'rebase'.",
  )
}

/** A submodule's own repository is never looked into: git would run the filters that its configuration names. */
async function changedFiles({ git, view, request }: RefreshWork): Promise<string[]> {
  const { stdout } = await git.run({
    args: ['status', '--porcelain', '-z', '--untracked-files=no', '--no-renames', '--ignore-submodules=all'],
    ...view,
    signal: request.signal,
  })
  return stdout
    .split('\0')
    .filter((line) => line !== '')
    .filter((line) => !line.startsWith(' D') || isCheckedOut(line.slice(3), request.shape?.sparse))
    .map((line) => line.slice(3))
}

/** The agent's own index, looked at in a copy: it may hold what neither HEAD nor the files have. */
export async function stagedFiles({ git, view, agent, before, request }: CheckoutWork): Promise<string[]> {
  const indexFile = join(view.gitDir, `agent-index-${randomBytes(4).toString('hex')}`)
  if ((await copyIndex(join(agent.gitDir, 'index'), indexFile)) === 'absent') return []
  const { stdout } = await git.run({
    args: ['diff-index', '--cached', '--name-only', '--no-renames', '-z', before, '--'],
    ...view,
    indexFile,
    signal: request.signal,
  })
  await rm(indexFile, { force: true })
  return stdout.split('\0').filter((name) => name !== '')
}
