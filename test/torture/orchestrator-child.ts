// An orchestrator with its agents, to be killed at any moment. It says what it is about to do, and what was done.
//
//   node orchestrator-child.mjs '{"root":…,"source":…,"tasks":…}'

import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { isWorkspaceError, type WorkspaceKey } from 'git-task-isolation'
import { parseManagerOptions } from '../../src/model/options.js'
import { parsePrepareRequest } from '../../src/model/prepare-request.js'
import type { SessionRecord } from '../../src/model/session-record.js'
import { cleanup } from '../../src/operations/cleanup.js'
import { finish } from '../../src/operations/finish.js'
import { openServices } from '../../src/operations/open-services.js'
import { prepare } from '../../src/operations/prepare.js'
import { refresh } from '../../src/operations/refresh.js'
import { restore } from '../../src/operations/restore.js'
import { hermeticEnvironment } from '../helpers/run-git.js'
import { MOVING_BRANCH } from './files.js'
import type { KillMoment, TaskPlan } from './kill-plan.js'
import { failureFacts, say } from './say.js'

export interface OrchestratorPlan {
  readonly root: string
  readonly source: string
  readonly tasks: readonly TaskPlan[]
  readonly maxAgeMs: number
  readonly moment: KillMoment
  /** The commits that the moving branch is at first, and then. */
  readonly moves: readonly [string, string]
  /** Makes the names of the agents' files and branches this child's own. */
  readonly mark: string
}

export type OrchestratorEvent =
  | { event: 'begin'; verb: 'prepare' | 'refresh' | 'writing' | 'finish' | 'restore'; taskId: string }
  | { event: 'begin'; verb: 'work'; taskId: string; doing: TaskPlan['work'] }
  | { event: 'begin'; verb: 'cleanup'; taskId: string; policy: TaskPlan['cleanup'] }
  | { event: 'end'; verb: 'prepare'; taskId: string; ms: number; reused: boolean }
  | { event: 'end'; verb: 'work' | 'refresh' | 'writing' | 'finish' | 'restore'; taskId: string; ms: number }
  | { event: 'end'; verb: 'cleanup'; taskId: string; ms: number; action: string; archived: boolean }
  | { event: 'committed' | 'pushed'; taskId: string; commit: string }
  | { event: 'wrote'; taskId: string; file: string }
  | { event: 'stumbled'; taskId: string; code: string; message: string }
  /** A cleanup that refused to lose work. */
  | { event: 'refused'; taskId: string }
  | { event: 'failed'; taskId: string; code: string; message: string }
  /** The named step is reached, and nothing moves on. */
  | { event: 'step' }
  | { event: 'over' }

let writingSince = 0
const plan: OrchestratorPlan = JSON.parse(process.argv[2] ?? '')
const settings = parseManagerOptions(
  { freshness: { mode: 'prefer', maxAgeMs: plan.maxAgeMs } },
  { root: plan.root, parallelism: 2 },
)
const services = openServices(settings, [], {
  beforeStep: (operation, step) => {
    const before = 'before' in plan.moment ? plan.moment.before : []
    if (operation === before[0] && step === before[1]) standStill()
    if (operation === 'refresh') tellWriting(step)
  },
})

/** The part of a refresh in which its files are written. */
function tellWriting(step: string): void {
  const { taskId } = plan.tasks[0] ?? { taskId: '' }
  if (step === 'write') {
    writingSince = performance.now()
    say({ event: 'begin', verb: 'writing', taskId })
  } else if (step === 'record') {
    say({ event: 'end', verb: 'writing', taskId, ms: performance.now() - writingSince })
  }
}

function standStill(): void {
  say({ event: 'step' })
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}

async function live(task: TaskPlan): Promise<void> {
  try {
    await liveOnce(task)
  } catch (error) {
    say({ event: 'failed', taskId: task.taskId, ...failureFacts(error) })
  }
}

async function liveOnce(task: TaskPlan): Promise<void> {
  const { taskId, strategy } = task
  const key = { envId: 'shop', taskId }
  const identity = { name: 'Agent', email: 'agent@example.org' }
  const baseRef = task.refresh && MOVING_BRANCH
  if (task.refresh !== undefined) await moveUpstream(plan.moves[0])
  const request = parsePrepareRequest({ ...key, source: plan.source, strategy, identity, baseRef })
  const record = await timed(taskId, { verb: 'prepare' }, async () => {
    const { record, reused } = await prepare(services, request)
    return [record, { reused }]
  })
  await letAgentWork(record, task)
  if (task.refresh !== undefined) await bringUpToDate(key, task.refresh)
  await timed(taskId, { verb: 'finish' }, async () => [
    await finish(services, key, 'succeeded', undefined),
    {},
  ])
  const { archived } = await timed(taskId, { verb: 'cleanup', policy: task.cleanup }, async () => {
    const done = await cleanupOrRefused(key, task.cleanup)
    return [done, done]
  })
  if (!archived) return
  await timed(taskId, { verb: 'restore' }, async () => [await restore(services, { target: key }), {}])
}

async function bringUpToDate(key: WorkspaceKey, mode: 'fast-forward' | 'reset'): Promise<void> {
  await moveUpstream(plan.moves[1])
  await timed(key.taskId, { verb: 'refresh' }, async () => [await refresh(services, key, { mode }), {}])
}

async function moveUpstream(commit: string): Promise<void> {
  const path = plan.source.startsWith('file:') ? fileURLToPath(plan.source) : plan.source
  await agentGit(path, 'update-ref', `refs/heads/${MOVING_BRANCH}`, commit)
}

async function cleanupOrRefused(key: WorkspaceKey, onUnsavedWork: TaskPlan['cleanup']) {
  try {
    const { action, archive } = await cleanup(services, key, { onUnsavedWork })
    return { action, archived: archive !== undefined }
  } catch (error) {
    if (!isWorkspaceError(error) || error.code !== 'UNSAVED_WORK') throw error
    say({ event: 'refused', taskId: key.taskId })
    return { action: 'refused', archived: false }
  }
}

async function timed<Result>(
  taskId: string,
  what: { readonly verb: string; readonly policy?: string; readonly doing?: string },
  action: () => Promise<[Result, object]>,
): Promise<Result> {
  say({ event: 'begin', ...what, taskId })
  const startedAt = performance.now()
  const [result, facts] = await action()
  say({ event: 'end', verb: what.verb, taskId, ms: performance.now() - startedAt, ...facts })
  return result
}

/** An agent may fail where a killed one before it left a lock of git's; what it has done then nobody knows. */
async function letAgentWork(record: SessionRecord, { taskId, work: doing }: TaskPlan): Promise<void> {
  try {
    await timed(taskId, { verb: 'work', doing }, async () => [await work(record, doing), {}])
  } catch (error) {
    say({ event: 'stumbled', taskId, ...failureFacts(error) })
  }
}

/** The agent: what it has done is said when it is done, so that it can be asked for afterwards. */
async function work({ taskId, workDir }: SessionRecord, kind: TaskPlan['work']): Promise<void> {
  if (kind === 'nothing') return
  const name = `${taskId}-${plan.mark}`
  await writeFile(join(workDir, `${name}.txt`), `${name}\n`)
  if (kind === 'writes') return say({ event: 'wrote', taskId, file: `${name}.txt` })
  await agentGit(workDir, 'add', '--', `${name}.txt`)
  await agentGit(workDir, 'commit', '--quiet', '-m', name)
  const commit = await agentGit(workDir, 'rev-parse', 'HEAD')
  say({ event: 'committed', taskId, commit })
  if (kind === 'commits') return
  await agentGit(workDir, 'push', '--quiet', 'origin', `HEAD:refs/heads/saved/${name}`)
  say({ event: 'pushed', taskId, commit })
}

async function agentGit(workDir: string, ...args: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)('git', args, { cwd: workDir, env: hermeticEnvironment() })
  return stdout.trim()
}

await Promise.all(plan.tasks.map(live))
say({ event: 'over' })
