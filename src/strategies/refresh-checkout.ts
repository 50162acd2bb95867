import { type AgentGitDir, readAgentHead } from '../git/agent-git-dir.js'
import type { Git } from '../git/git.js'
import type { RefreshReport } from '../model/reports.js'
import { advance } from './refresh-advance.js'
import { notFastForward, refuseChanges, refuseSharedReflogs } from './refresh-guard.js'
import { installIndexes, moveHead, withRefreshView } from './refresh-view.js'
import type { RefreshWork, Relation } from './refresh-work.js'
import type { RefreshRequest, Tree } from './strategy.js'

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
  const begun = { git, agent, tree, request, before }
  return withRefreshView(begun, (view) => refreshThrough({ ...begun, view }))
}

async function refreshThrough(work: RefreshWork): Promise<RefreshReport> {
  const { git, request, before, view } = work
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
  await moveHead(work, after, request.mode)
  await installIndexes(work, view.indexFile)
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
