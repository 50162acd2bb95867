import type { OpenContender } from './contenders/contender.js'
import { openContender } from './contenders/openers.js'
import type { RoundsJob } from './jobs.js'
import { settleDisk } from './plain-programs.js'
import type { ContenderRounds } from './results.js'
import { orderOfRound } from './round-order.js'
import { runTasks, type TaskRun, taskNames, warmUp } from './task-run.js'
import { emptyTrashWhenFull } from './trash.js'

interface Runner {
  readonly opened: OpenContender
  readonly rounds: ContenderRounds
}

/** Lets every contender prepare in every round, each time in another order; what they made goes away unmeasured. */
export async function measureRounds(job: RoundsJob): Promise<ContenderRounds[]> {
  const runners: Runner[] = []
  for (const id of job.contenders) runners.push(await openRunner(job, id))
  const startedAt = performance.now()
  for (let round = 0; round < job.rounds; round += 1) {
    const seconds = (performance.now() - startedAt) / 1_000
    if (round >= job.roundsAtLeast && seconds > job.secondsAtMost) break
    for (const runner of orderOfRound(runners, round)) {
      await settleDisk(job.place.directory)
      await runRound(runner, taskNames(`r${round}`, job.tasks))
      await emptyTrashWhenFull(job.place.trash)
    }
  }
  for (const { opened } of runners) await opened.close()
  return runners.map(({ rounds }) => rounds)
}

async function openRunner(job: RoundsJob, contender: string): Promise<Runner> {
  const opened = await openContender(contender, job.place)
  await warmUp(opened)
  return { opened, rounds: { contender, milliseconds: [], failed: 0, left: {} } }
}

async function runRound({ opened, rounds }: Runner, names: readonly string[]): Promise<void> {
  const run = await runTasks(opened, names)
  rounds.milliseconds.push(run.milliseconds)
  await noteFailures({ opened, rounds }, run)
  await opened.reset()
}

async function noteFailures({ opened, rounds }: Runner, run: TaskRun): Promise<void> {
  rounds.failed += run.failed.length
  rounds.exampleOfFailure ??= run.exampleOfFailure
  for (const task of run.failed) {
    for (const kind of await opened.traces(task)) rounds.left[kind] = (rounds.left[kind] ?? 0) + 1
  }
}
