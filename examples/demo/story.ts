import type { CleanupReport, Progress, Workspace } from 'git-task-isolation'
import { together } from '../support/together.js'
import { pushCommand, runAgent } from './agents.js'
import type { DemoOptions } from './arguments.js'
import type { Board } from './board.js'
import { duration } from './paint.js'
import type { Worked } from './proof.js'
import { ENVIRONMENT, type Stage } from './stage.js'
import { timed } from './stopwatch.js'

/** What every chapter of the demo works with. */
export interface Scene extends Stage {
  readonly options: DemoOptions
  readonly board: Board
  readonly signal: AbortSignal
}

export interface Prepared {
  readonly workspace: Workspace
  readonly preparedMs: number
}

/** All workspaces at once: the first fetches the repository, the others share that fetch. */
export function prepareAll(scene: Scene, taskIds: readonly string[]): Promise<Prepared[]> {
  return together(taskIds, (taskId) => prepareOne(scene, taskId))
}

async function prepareOne(
  { manager, source, runId, options, board, signal }: Scene,
  taskId: string,
): Promise<Prepared> {
  const request = {
    envId: ENVIRONMENT,
    taskId,
    runId,
    source,
    strategy: options.strategy,
    agentName: 'demo',
    context: { issueTitle: `Leave a note as ${taskId}`, acceptanceCriteria: ['the note is on a branch'] },
    signal,
    onProgress: (progress: Progress) => board.update(taskId, 'working', describe(progress)),
  }
  const { result, durationMs } = await timed(() => manager.prepare(request))
  board.update(taskId, 'done', `ready in ${duration(durationMs)} on ${result.branch}`)
  return { workspace: result, preparedMs: durationMs }
}

/** One child process per workspace, all at the same time. */
export function workAll(scene: Scene, prepared: readonly Prepared[]): Promise<(Prepared & Worked)[]> {
  return together(prepared, (task) => workOne(scene, task))
}

async function workOne({ options, board, signal }: Scene, task: Prepared): Promise<Prepared & Worked> {
  const { taskId } = task.workspace.key
  const agent = await runAgent(task.workspace, {
    push: pushCommand(options.strategy, options.push),
    onStep: (step) => board.update(taskId, 'working', step),
    signal,
  })
  signal.throwIfAborted()
  if (agent.exitCode === 0) board.update(taskId, 'done', `worked ${duration(agent.durationMs)}`)
  else board.update(taskId, 'failed', lastLine(agent.stderr))
  await task.workspace.finish(agent.exitCode === 0 ? 'succeeded' : 'failed')
  return { ...task, agent }
}

/** Unpushed work is kept by default; here it is thrown away on purpose, and only when it was not to be pushed. */
export async function cleanAll(scene: Scene, workspaces: readonly Workspace[]): Promise<CleanupReport[]> {
  const { options, board } = scene
  const onUnsavedWork = options.push ? 'refuse' : 'discard'
  const cleanOne = async (workspace: Workspace) => {
    const report = await workspace.cleanup({ onUnsavedWork, keepFailed: false })
    board.update(workspace.key.taskId, 'done', `${report.action} in ${duration(report.durationMs)}`)
    return report
  }
  const reports = await together(workspaces, cleanOne)
  await scene.discardBranches(reports)
  return reports
}

function describe({ phase, percent }: Progress): string {
  return percent === undefined ? phase : `${phase} ${percent} %`
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? 'failed without a word'
}
