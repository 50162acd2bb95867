import type { AgentGitDir } from '../git/agent-git-dir.js'
import { readRefs } from '../git/agent-git-dir.js'
import type { Git } from '../git/git.js'
import { standsInTheWayOf } from '../git/refs-in-the-way.js'
import { upstreamBranch } from './clone-refs.js'
import { withRefsOf } from './refresh-refs.js'
import type { RefreshRequest } from './strategy.js'

const UPSTREAM = 'refs/remotes/origin/'
const TAGS = 'refs/tags/'

/**
 * Brings a clone's copy of the upstream branches to the mirror's, as a pruning fetch would; the objects are there
 * already. Tags are only added, since the agent may have made one of the same name, or one in their way. A mirror that
 * could not be brought up to date may be behind the clone, and changes nothing. A shallow clone has the one branch that
 * it was made from, and what the agent fetched itself.
 */
export async function updateUpstreamRefs(
  git: Git,
  agent: AgentGitDir,
  request: RefreshRequest,
): Promise<void> {
  if (request.stale) return
  if (request.shape?.depth !== undefined) return updateOnlyBranch(git, agent, request)
  const theirs = new Map(await mirrorRefs(git, request))
  const own = await readRefs(agent, [UPSTREAM, TAGS])
  const gone = [...own.keys()].filter((ref) => isUpstreamBranch(ref) && !theirs.has(ref))
  const isInTheWay = standsInTheWayOf([...own.keys()].filter((ref) => ref.startsWith(TAGS)))
  const changed = [...theirs].filter(([ref, oid]) =>
    ref.startsWith(TAGS) ? !own.has(ref) && !isInTheWay(ref) : own.get(ref) !== oid,
  )
  // Deletions come first and by themselves: a branch may have become the folder of another.
  await updateRefs(
    git,
    agent,
    gone.map((ref) => `delete ${ref}`),
    request,
  )
  await updateRefs(
    git,
    agent,
    changed.map(([ref, oid]) => `update ${ref} ${oid}`),
    request,
  )
}

async function updateOnlyBranch(git: Git, agent: AgentGitDir, request: RefreshRequest): Promise<void> {
  const branch = upstreamBranch(request.ref)
  const own = (await readRefs(agent, [UPSTREAM])).get(branch)
  if (own === undefined || own === request.commit) return
  await updateRefs(git, agent, [`update ${branch} ${request.commit}`], request)
}

function isUpstreamBranch(ref: string): boolean {
  return ref.startsWith(UPSTREAM) && ref !== `${UPSTREAM}HEAD`
}

async function updateRefs(
  git: Git,
  agent: AgentGitDir,
  lines: readonly string[],
  request: RefreshRequest,
): Promise<void> {
  if (lines.length === 0) return
  const input = lines.map((line) => `${line}\n`).join('')
  const call = { args: ['update-ref', '--stdin'], input, signal: request.signal }
  await withRefsOf(agent, request, (place) => git.run({ ...call, ...place }))
}

async function mirrorRefs(git: Git, request: RefreshRequest): Promise<[ref: string, oid: string][]> {
  const { stdout } = await git.run({
    args: ['for-each-ref', '--format=%(refname) %(objectname) %(symref)', UPSTREAM, TAGS],
    gitDir: request.repository.gitDir,
    signal: request.signal,
  })
  const lines = stdout.split('\n').map((line) => line.split(' '))
  return lines.flatMap(([ref = '', oid = '', symref = '']) =>
    oid === '' || symref !== '' ? [] : [[ref, oid]],
  )
}
