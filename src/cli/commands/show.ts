import type { Command } from 'commander'
import type { OwnerState, SessionStatus, Workspace, WorkspaceKey, WorkspaceManager } from 'git-task-isolation'
import { keyOf, missing } from '../find-workspace.js'
import { outputFormat, withManager } from '../open-manager.js'
import { printJson } from '../render.js'
import { screenOf } from '../terminal/screen.js'
import { visible } from '../terminal/visible-text.js'
import { wrapped } from '../terminal/wrap-text.js'

/** `git-task show <env> <task> [--run ID]` */
export function addShowCommand(program: Command): void {
  program
    .command('show')
    .description('show what is known of one workspace')
    .argument('<env>', 'the environment')
    .argument('<task>', 'the task')
    .option('--run <id>', 'the run, for a retry of the same task')
    .action((envId: string, taskId: string, flags: { run?: string }, command: Command) =>
      show(keyOf(envId, taskId, flags), command),
    )
}

interface Found {
  readonly session: SessionStatus
  /** Undefined where it cannot be worked in: it is being made or removed, or its folder is gone. */
  readonly workspace: Workspace | undefined
}

async function show(key: WorkspaceKey, command: Command): Promise<void> {
  const found = await withManager(command, (manager) => find(manager, key))
  if (outputFormat(command) === 'json') printJson(factsOf(key, found))
  else console.log(linesOf(found).join('\n'))
}

async function find(manager: WorkspaceManager, key: WorkspaceKey): Promise<Found> {
  const [workspace, sessions] = await Promise.all([manager.get(key), manager.status({ envId: key.envId })])
  const session = sessions.find(({ taskId, runId }) => taskId === key.taskId && runId === key.runId)
  if (session === undefined) throw missing(key)
  return { session, workspace }
}

function factsOf(key: WorkspaceKey, { session, workspace }: Found): object {
  const { rootDir, workDir, strategy, branch, base, notices = [] } = session
  const { outputDir, logsDir, stateDir } = workspace ?? {}
  const usable = workspace !== undefined
  return {
    key,
    usable,
    rootDir,
    workDir,
    outputDir,
    logsDir,
    stateDir,
    strategy,
    branch,
    base,
    notices,
    session,
  }
}

const OWNERS: Readonly<Record<OwnerState, string>> = {
  self: 'alive',
  alive: 'alive',
  dead: 'gone',
  silent: 'silent',
}

function linesOf({ session, workspace }: Found): string[] {
  const { envId, taskId, runId, outcome, base, owner, ownerState } = session
  const facts: readonly (readonly [name: string, value: string | undefined])[] = [
    ['env', envId],
    ['task', taskId],
    ['run', runId],
    ['state', outcome === undefined ? session.state : `${session.state} (${outcome})`],
    ['usable', workspace === undefined ? 'no: it is being made or removed, or its folder is gone' : 'yes'],
    ['agent', session.agentName],
    ['strategy', session.strategy],
    ['source', session.source],
    ['branch', session.branch],
    [
      'base',
      base && `${base.ref} at ${base.commit.slice(0, 12)}${base.stale ? ' (may be out of date)' : ''}`,
    ],
    ['checkout', session.workDir],
    ['output', workspace?.outputDir],
    ['logs', workspace?.logsDir],
    ['state in', workspace?.stateDir],
    ['owner', `process ${owner.pid} on ${owner.host}, ${OWNERS[ownerState]}`],
    ['created', session.createdAt],
    ['updated', session.updatedAt],
    ['finished', session.finishedAt],
    ...Object.entries(session.metadata ?? {}),
    ...(session.notices ?? []).map((notice) => ['note', notice] as const),
  ]
  return facts.flatMap(([name, value]) => (value === undefined ? [] : [lineOf(name, value)]))
}

function lineOf(name: string, value: string): string {
  const line = `${visible(name).padEnd(9)} ${visible(value)}`
  return wrapped(line, screenOf(process.stdout), { indent: 10 })
}
