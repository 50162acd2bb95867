import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { throwIfStopped } from '../errors/stop-reason.js'
import { hasErrorCode } from '../errors/workspace-error.js'
import { makeDirectories } from '../fs/make-directories.js'
import { PARALLEL_CHECKOUT } from '../git/parallel-checkout.js'
import { CONE_FILE } from '../git/sparse-cone.js'
import { withTrustedView } from '../git/trusted-view.js'
import { notFastForward, refuseUnsavedCommits } from './refresh-guard.js'
import { takeCuts } from './refresh-view.js'
import type { CheckoutWork, RefreshWork, Relation } from './refresh-work.js'

/** Writes the files of the commit that the mode leads to, and answers with it. HEAD has not moved yet. */
export async function advance(work: RefreshWork, relation: Relation): Promise<string> {
  if (work.request.mode === 'reset') {
    if (relation !== 'behind') await refuseUnsavedCommits(work)
    return writeFiles(work, work.request.commit)
  }
  if (relation === 'behind') return writeFiles(work, work.request.commit)
  if (work.request.mode === 'rebase') return writeFiles(work, await rebase(work))
  throw notFastForward(
    `the branch and "${work.request.ref}" have diverged`,
    { before: work.before, target: work.request.commit, workDir: work.tree.workDir },
    "Refresh with the mode 'rebase' to replay the task's commits.",
  )
}

/**
 * What the files are brought to is said before the first one is written, and only where git does not refuse: what is
 * said is gone on with, whatever happens.
 */
async function writeFiles(work: RefreshWork, after: string): Promise<string> {
  await moveFiles(work, after, 'dry run')
  throwIfStopped(work.request.signal)
  await work.request.beforeWriting?.({ from: work.before, to: after })
  return moveFiles(work, after)
}

/** What git says where it has touched nothing (unpack_plumbing_errors in git's unpack-trees.c). */
const REFUSAL = /would be overwritten|would be removed|would lose untracked files|not uptodate/

/**
 * The two-tree merge of read-tree(1): it refuses to overwrite a changed or untracked file. Once it has begun nobody
 * stops it, since files of two commits would be left side by side, and the next refresh would take them for the
 * agent's changes.
 */
export async function moveFiles(
  { git, view, before, tree }: CheckoutWork,
  after: string,
  how: 'for real' | 'dry run' = 'for real',
): Promise<string> {
  const isTried = how === 'dry run' ? ['--dry-run'] : []
  try {
    await git.run({
      args: ['read-tree', '-m', '-u', ...isTried, before, after],
      ...view,
      config: PARALLEL_CHECKOUT,
    })
    return after
  } catch (error) {
    if (!hasErrorCode(error, 'GIT_FAILED') || !REFUSAL.test(String(error.data['stderr']))) throw error
    throw notFastForward('a file of the workspace would be overwritten', {
      workDir: tree.workDir,
      stderr: String(error.data['stderr']),
    })
  }
}

/**
 * Replays the task's commits in a tree without files, so that one that is stopped halfway leaves nothing; the new ones
 * are written into the agent's own object folder.
 */
async function rebase(work: RefreshWork): Promise<string> {
  const { agent, request, before } = work
  const options = {
    scratchDir: request.scratchDir,
    workTree: join(work.view.gitDir, 'no-files'),
    objectFormat: request.repository.objectFormat,
    head: before,
    alternates: work.view.alternates,
  }
  await mkdir(options.workTree)
  return withTrustedView(options, async (view) => {
    await takeCuts(agent, request, view.gitDir)
    await makeDirectories(join(view.gitDir, dirname(CONE_FILE)))
    await writeFile(join(view.gitDir, CONE_FILE), '!/*\n')
    return replay({ ...work, view })
  })
}

async function replay(work: RefreshWork): Promise<string> {
  const { git, view, agent, request, before } = work
  const config = {
    ...(await committer(work)),
    'core.sparseCheckout': 'true',
    'core.sparseCheckoutCone': 'false',
  }
  const call = { ...view, objectDirectory: join(agent.commonDir, 'objects'), config, signal: request.signal }
  await git.run({ args: ['read-tree', '-m', '-u', before], ...call })
  try {
    await git.run({ args: ['rebase', '--quiet', '--no-verify', request.commit], ...call })
  } catch (error) {
    if (!hasErrorCode(error, 'GIT_FAILED')) throw error
    throw notFastForward(
      "the task's commits conflict with the new base",
      { before, target: request.commit, stderr: String(error.data['stderr'] ?? '') },
      'Rebase in the workspace and resolve the conflicts there.',
    )
  }
  const { stdout } = await git.run({ args: ['rev-parse', '--verify', 'HEAD'], ...call })
  return stdout.trim()
}

/** Replayed commits keep their authors; who committed the last one commits them again. */
async function committer({ git, view, before }: RefreshWork): Promise<Record<string, string>> {
  const { stdout } = await git.run({ args: ['log', '-1', '--format=%cn%n%ce', before], ...view })
  const [name = '', email = ''] = stdout.split('\n')
  return { 'user.name': name || 'git-task-isolation', 'user.email': email || 'git-task@localhost' }
}
