import { join } from 'node:path'
import { throwIfStopped } from '../errors/stop-reason.js'
import { hasErrorCode } from '../errors/workspace-error.js'
import { PARALLEL_CHECKOUT } from '../git/parallel-checkout.js'
import { notFastForward, refuseUnsavedCommits } from './refresh-guard.js'
import type { RefreshWork, Relation } from './refresh-work.js'

/** Writes the files of the commit that the mode leads to, and answers with it. HEAD has not moved yet. */
export async function advance(work: RefreshWork, relation: Relation): Promise<string> {
  if (work.request.mode === 'reset') {
    if (relation !== 'behind') await refuseUnsavedCommits(work)
    return moveFiles(work)
  }
  if (relation === 'behind') return moveFiles(work)
  if (work.request.mode === 'rebase') return rebase(work)
  throw notFastForward(
    `the branch and "${work.request.ref}" have diverged`,
    { before: work.before, target: work.request.commit, workDir: work.tree.workDir },
    "Refresh with the mode 'rebase' to replay the task's commits.",
  )
}

/**
 * The two-tree merge of read-tree(1): it refuses to overwrite a changed or untracked file. Once it has begun nobody stops
 * it, since files of two commits would be left side by side, and the next refresh would take them for the agent's changes.
 */
async function moveFiles({ git, view, before, request, tree }: RefreshWork): Promise<string> {
  throwIfStopped(request.signal)
  try {
    await git.run({
      args: ['read-tree', '-m', '-u', before, request.commit],
      ...view,
      config: PARALLEL_CHECKOUT,
    })
    return request.commit
  } catch (error) {
    if (!hasErrorCode(error, 'GIT_FAILED') || !/overwritten|not uptodate/.test(String(error.data['stderr'])))
      throw error
    throw notFastForward('a file of the workspace would be overwritten', {
      workDir: tree.workDir,
      stderr: String(error.data['stderr']),
    })
  }
}

/** Replays the task's commits; the new ones are written into the agent's own object folder. */
async function rebase(work: RefreshWork): Promise<string> {
  const { git, view, agent, request } = work
  const call = { ...view, objectDirectory: join(agent.commonDir, 'objects'), config: await committer(work) }
  try {
    await git.run({
      args: ['rebase', '--quiet', '--no-verify', request.commit],
      ...call,
      signal: request.signal,
    })
  } catch (error) {
    await git.run({ args: ['rebase', '--abort'], ...call, okCodes: [0, 128] })
    if (!hasErrorCode(error, 'GIT_FAILED')) throw error
    throw notFastForward(
      "the task's commits conflict with the new base",
      { before: work.before, target: request.commit, stderr: String(error.data['stderr'] ?? '') },
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
