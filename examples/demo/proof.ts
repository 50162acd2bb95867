import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Workspace } from 'git-task-isolation'
import { exists } from '../support/files.js'
import { gitIn } from '../support/run-git.js'
import { type AgentResult, COMMITS_PER_AGENT } from './agents.js'

const run = promisify(execFile)

export interface Worked {
  readonly workspace: Workspace
  readonly agent: AgentResult
}

export interface Verdict {
  readonly kept: boolean
  readonly promise: string
}

/** Looks at what the agents left, from outside, with plain git and plain file reads. */
export async function proveIsolation(tasks: readonly Worked[]): Promise<Verdict[]> {
  const everyWorkspace = async (holds: (workspace: Workspace) => Promise<boolean>) =>
    (await Promise.all(tasks.map(({ workspace }) => holds(workspace).catch(notProven)))).every(Boolean)
  const lockErrors = tasks.reduce((sum, { agent }) => sum + countLockErrors(agent.stderr), 0)
  return [
    verdict(
      tasks.every(({ agent }) => agent.exitCode === 0),
      `all ${tasks.length} agents finished their work`,
    ),
    verdict(lockErrors === 0, `${lockErrors} lock errors while they committed and pushed at the same time`),
    verdict(await everyWorkspace(holdsOnlyItsOwnFiles), 'no file of one task is in the workspace of another'),
    verdict(
      await everyWorkspace(hasOnlyItsOwnCommits),
      'every branch holds the commits of its own task only',
    ),
    verdict(await everyWorkspace(isClean), 'git status is clean everywhere: nothing of ours gets in the way'),
  ]
}

/** Asks the remote whether it has every branch, at the very commit that is in the workspace. */
export async function proveArrival(tasks: readonly Worked[]): Promise<Verdict> {
  const workspaces = tasks.map(({ workspace }) => workspace)
  const [first] = workspaces
  const arrived = first === undefined ? '' : await gitIn(first, 'ls-remote', '--heads', 'origin')
  const expected = await Promise.all(workspaces.map(remoteLine))
  const found = expected.filter((line) => arrived.split('\n').includes(line))
  return verdict(
    found.length === tasks.length,
    `${found.length} of ${tasks.length} branches are on the remote`,
  )
}

/** Asks the source, after cleanup, whether any branch of the demo was left there. */
export async function proveUntouched(source: string, branches: readonly string[]): Promise<Verdict> {
  const { stdout } = await run('git', ['ls-remote', '--heads', '--', source])
  const left = branches.filter((branch) => stdout.includes(`refs/heads/${branch}\n`))
  return verdict(left.length === 0, 'your repository has no branch of this demo: nothing was pushed')
}

export async function proveRemoval(workspaces: readonly Workspace[]): Promise<Verdict> {
  const left = await Promise.all(workspaces.map(({ rootDir }) => exists(rootDir)))
  return verdict(!left.some(Boolean), `all ${workspaces.length} workspaces are gone`)
}

const verdict = (kept: boolean, promise: string): Verdict => ({ kept, promise })

// What cannot be looked at, because an agent failed early, is not proven.
const notProven = () => false

function countLockErrors(stderr: string): number {
  const signs = /\.lock\b|cannot lock|could not lock|another git process|unable to lock/i
  return stderr.split('\n').filter((line) => signs.test(line)).length
}

async function holdsOnlyItsOwnFiles({ workDir, key }: Workspace): Promise<boolean> {
  const notes = await readdir(join(workDir, 'agent-notes'))
  const shared = await readFile(join(workDir, 'WHO.md'), 'utf8')
  return notes.join() === `${key.taskId}.md` && shared.startsWith(`Only ${key.taskId} works here.`)
}

async function hasOnlyItsOwnCommits(workspace: Workspace): Promise<boolean> {
  const subjects = await gitIn(workspace, 'log', '--format=%s', `${workspace.base?.commit}..HEAD`)
  const expected = Array.from(
    { length: COMMITS_PER_AGENT },
    (_, i) => `${workspace.key.taskId}: change ${i + 1}`,
  )
  return subjects === expected.reverse().join('\n')
}

async function isClean(workspace: Workspace): Promise<boolean> {
  return (await gitIn(workspace, 'status', '--porcelain')) === ''
}

async function remoteLine(workspace: Workspace): Promise<string> {
  return `${await gitIn(workspace, 'rev-parse', 'HEAD')}\trefs/heads/${workspace.branch}`
}
