// Many agents, one repository, at the same time: prepares a workspace for each, lets all of them commit and
// push, proves that none met another, and cleans up.
//
//   npm run demo
//   npm run demo -- --source https://example.org/shop.git --tasks 4 --strategy worktree

import { isWorkspaceError } from 'git-task-isolation'
import { type DemoOptions, readArguments, USAGE, UsageError } from './arguments.js'
import { Board } from './board.js'
import { bold, dim, green, red } from './paint.js'
import { proveArrival, proveIsolation, proveRemoval, proveUntouched, type Verdict } from './proof.js'
import { printReport } from './report.js'
import { type Stage, setStage } from './stage.js'
import { Stopwatch } from './stopwatch.js'
import { cleanAll, prepareAll, type Scene, workAll } from './story.js'

process.exitCode = await main(process.argv.slice(2))

async function main(args: readonly string[]): Promise<number> {
  try {
    const options = readArguments(args)
    if (options === undefined) console.log(USAGE)
    return options === undefined ? 0 : await runDemo(options)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    console.error(`${error.message}\n\n${USAGE}`)
    return 2
  }
}

/** Sets the stage, plays, and clears the stage again: also after a failure and after Ctrl-C. */
async function runDemo(options: DemoOptions): Promise<number> {
  const signal = stopOnInterrupt()
  const watch = new Stopwatch()
  const board = new Board()
  announce(options)
  let stage: Stage | undefined
  try {
    stage = await watch.time('set up the repository', () => setStage(options))
    board.note(dim(`repository  ${stage.source}`))
    return (await play({ ...stage, options, board, signal }, watch)) ? 0 : 1
  } catch (error) {
    console.error(`\n${signal.aborted ? 'Stopped; cleaning up.' : red(explain(error))}`)
    return signal.aborted ? 130 : 1
  } finally {
    await stage?.clear()
  }
}

async function play(scene: Scene, watch: Stopwatch): Promise<boolean> {
  const { board, options } = scene
  const taskIds = Array.from({ length: options.tasks }, (_, index) => `task-${index + 1}`)

  board.chapter(`1  Prepare ${options.tasks} workspaces at once`, taskIds)
  const prepared = await watch.time('prepare all workspaces', () => prepareAll(scene, taskIds))

  board.chapter('2  Let the agents work: write, commit, push, all at the same time', taskIds)
  const worked = await watch.time('agents at work', () => workAll(scene, prepared))

  board.chapter('3  Look whether any two of them met')
  const proofs = await watch.time('proof', async () => [
    ...(await proveIsolation(worked)),
    ...(options.push ? [await proveArrival(worked)] : []),
  ])
  show(board, proofs)

  board.chapter('4  Clean up', taskIds)
  if (!options.push)
    board.note(dim("without --push the agents' work is thrown away: onUnsavedWork: 'discard'"))
  const workspaces = worked.map(({ workspace }) => workspace)
  const reports = await watch.time('clean up', () => cleanAll(scene, workspaces))
  const afterwards = [await proveRemoval(workspaces), ...(await untouched(scene, workspaces))]
  show(board, afterwards)

  const stories = worked.flatMap((task, index) => {
    const cleanup = reports[index]
    return cleanup === undefined ? [] : [{ ...task, cleanup }]
  })
  printReport(stories, watch)
  return conclude([...proofs, ...afterwards])
}

async function untouched({ options, source }: Scene, workspaces: readonly { branch?: string | undefined }[]) {
  if (options.push) return []
  return [
    await proveUntouched(
      source,
      workspaces.flatMap(({ branch }) => branch ?? []),
    ),
  ]
}

function announce({ tasks, strategy, source, push }: DemoOptions): void {
  console.log(bold(`\ngit-task-isolation: ${tasks} agents, one repository, strategy '${strategy}'`))
  console.log(dim('Each agent is a child process: it gets a folder and an environment, and uses plain git.'))
  if (source !== undefined && push) console.log('The agents push their branches to your repository.')
  if (source !== undefined && !push) console.log('Nothing is pushed to your repository (--push would).')
}

function show(board: Board, verdicts: readonly Verdict[]): void {
  for (const { kept, promise } of verdicts) board.verdict(kept, promise)
}

function conclude(verdicts: readonly Verdict[]): boolean {
  const broken = verdicts.filter(({ kept }) => !kept)
  const good = green(`\nAll ${verdicts.length} promises kept.`)
  console.log(broken.length === 0 ? good : red(`\n${broken.length} of ${verdicts.length} promises broken.`))
  return broken.length === 0
}

// Ctrl-C reaches us more than once (from the terminal and from the runner): only the first one counts.
function stopOnInterrupt(): AbortSignal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => controller.abort())
  // A terminal or a pipe that has gone away must not end the clearing up: stop, and say nothing more.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => controller.abort())
  return controller.signal
}

function explain(error: unknown): string {
  if (isWorkspaceError(error)) return `${error.code}: ${error.message}\n${error.hint}`
  return error instanceof Error ? error.message : String(error)
}
