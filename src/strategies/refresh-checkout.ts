import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type AgentGitDir, readAgentHead } from '../git/agent-git-dir.js'
import type { Git } from '../git/git.js'
import { readPlain } from '../git/plain-files.js'
import { CONE_FILE } from '../git/sparse-cone.js'
import { copyIndex, withTrustedView } from '../git/trusted-view.js'
import type { RefreshReport } from '../model/reports.js'
import { installIndex } from './checkout-files.js'
import { advance } from './refresh-advance.js'
import { notFastForward, refuseChanges, refuseSharedReflogs } from './refresh-guard.js'
import { hasOwnObjects, objectDirectories, withRefsOf } from './refresh-refs.js'
import type { RefreshWork, Relation } from './refresh-work.js'
import { readShallow, writeShallow } from './shallow-history.js'
import type { RefreshRequest, Tree } from './strategy.js'

const MAX_CONE_BYTES = 1024 * 1024

/**
 * Brings a checkout to a new commit through a git dir of our own: files are written by it, and only then does
 * the agent's HEAD move, by compare-and-swap. A tree with changes is refused before anything is touched.
 *
 * @throws IntegrityError NOT_FAST_FORWARD
 */
export async function refreshCheckout(
  git: Git,
  agent: AgentGitDir,
  tree: Tree,
  request: RefreshRequest,
): Promise<RefreshReport> {
  const { commit: before } = await readAgentHead(agent)
  if (before === undefined)
    throw notFastForward('the checked-out branch has no commit', { workDir: tree.workDir })
  const view = {
    scratchDir: request.scratchDir,
    workTree: tree.workDir,
    objectFormat: request.repository.objectFormat,
    head: before,
    alternates: objectDirectories(agent, request),
    indexFile: request.indexFile,
    sparse: request.shape?.sparse,
  }
  return withTrustedView(view, async (trusted) => {
    if (hasOwnObjects(request)) await writeShallow(trusted.gitDir, await readShallow(agent.gitDir))
    if (request.shape?.sparse !== undefined) await takeCone(agent, trusted.gitDir)
    return refreshThrough({ git, agent, tree, request, before, view: trusted })
  })
}

/** The agent may have changed what it works on; as patterns alone its file can do no harm. */
async function takeCone(agent: AgentGitDir, gitDir: string): Promise<void> {
  const cone = await readPlain(join(agent.gitDir, CONE_FILE), MAX_CONE_BYTES)
  if (cone !== undefined) await writeFile(join(gitDir, CONE_FILE), cone)
}

async function refreshThrough(work: RefreshWork): Promise<RefreshReport> {
  const { git, agent, request, before, view } = work
  await git.run({ args: ['read-tree', '-i', '-m', before], ...view, signal: request.signal })
  const relation = await relate(work)
  if (relation === 'up-to-date' && request.mode !== 'reset') return report(work, before)
  if (request.commit === before) return report(work, before)
  await refuseChanges(work)
  await refuseSharedReflogs(work)
  // Files that the agent has written are unchanged in content, but not yet known to be so by their times.
  await git.run({
    args: ['update-index', '-q', '--refresh'],
    ...view,
    okCodes: [0, 1],
    signal: request.signal,
  })
  const after = await advance(work, relation)
  await moveHead(work, after)
  await installIndex(view.indexFile, agent.gitDir)
  if (request.indexFile !== undefined) await copyIndex(view.indexFile, request.indexFile)
  return report(work, after)
}

async function relate(work: RefreshWork): Promise<Relation> {
  if (await isAncestor(work, work.request.commit, work.before)) return 'up-to-date'
  return (await isAncestor(work, work.before, work.request.commit)) ? 'behind' : 'diverged'
}

async function isAncestor(
  { git, view, request }: RefreshWork,
  older: string,
  newer: string,
): Promise<boolean> {
  const call = {
    args: ['merge-base', '--is-ancestor', older, newer],
    okCodes: [0, 1],
    signal: request.signal,
  }
  return (await git.run({ ...call, ...view })).code === 0
}

async function moveHead({ git, agent, before, request }: RefreshWork, after: string): Promise<void> {
  const reason = `git-task-isolation: refreshed (${request.mode})`
  const args = ['update-ref', '-m', reason, 'HEAD', after, before]
  await withRefsOf(agent, request, (place) => git.run({ args, ...place }))
}

function report(work: RefreshWork, after: string): RefreshReport {
  const { request, before } = work
  return {
    action: after === before ? 'up-to-date' : 'updated',
    mode: request.mode,
    before,
    after,
    ref: request.ref,
    stale: request.stale,
  }
}
