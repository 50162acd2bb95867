import { join } from 'node:path'
import { leftovers } from '../helpers/leftovers.js'
import { createUpstream, type Upstream } from '../helpers/upstream.js'
import { Child } from './child-process.js'
import { upstreamFiles } from './files.js'
import { Random } from './random.js'
import type { CallResult, SameKeyCommand, SameKeyEvent } from './same-key-child.js'
import type { Outcome, Scenario, Stage } from './scenario.js'

type Process = Child<SameKeyEvent>

interface Place {
  readonly root: string
  readonly upstream: Upstream
  readonly processes: readonly [Process, Process]
}

/** Two processes ask for the same key at once: one makes its workspace, nobody makes a second or gets half of one. */
export const sameKey: Scenario = {
  name: 'same key',
  rounds: { least: 20, enough: 30 },
  share: 0.2,

  async run(stage: Stage): Promise<Outcome> {
    const counts = { rounds: 0, created: 0, reused: 0, refused: 0 }
    const violations: string[] = []
    const place = await openPlace(stage)
    for (let round = 0; stage.pace.mayStart(round); round += 1) {
      const { calls, problems } = await oneRound(place, new Random(stage.seed).fork(round), `task-${round}`)
      counts.rounds += 1
      for (const name of ['created', 'reused', 'refused'] as const) counts[name] += countOf(calls, name)
      violations.push(...problems.map((problem) => `round ${round}: ${problem}`))
    }
    await Promise.all(place.processes.map((one) => one.finish()))
    return { counts, violations }
  },
}

async function openPlace(stage: Stage): Promise<Place> {
  const upstream = await createUpstream(join(stage.directory, 'upstream.git'), { files: upstreamFiles() })
  const root = join(stage.directory, 'root')
  const start = (): Process => new Child(stage.program('same-key-child'), { root, source: upstream.url })
  const processes = [start(), start()] as const
  await Promise.all(processes.map((one) => one.next('started')))
  return { root, upstream, processes }
}

async function oneRound(place: Place, random: Random, taskId: string) {
  const strategy = random.pick(['clone', 'worktree'])
  const then = random.pick<'keep' | 'finish'>(['keep', 'finish'])
  const calls = await tellBoth(place, random, (afterMs) => ({
    do: 'prepare',
    taskId,
    strategy,
    calls: random.pick([1, 1, 2]),
    then,
    afterMs,
  }))
  const cleanups = await tellBoth(place, random, (afterMs) => ({ do: 'cleanup', taskId, afterMs }))
  const left = await leftovers(place.root, 'shop', place.upstream)
  const problems = [
    ...prepareProblems(calls.flat()),
    ...(then === 'keep' ? calls.flatMap(reusedWhileHeld) : []),
    ...cleanupProblems(cleanups.flat()),
    ...left.map((path) => `left: ${path}`),
  ]
  return { calls: calls.flat(), problems: problems.map((problem) => `${strategy}, ${then}: ${problem}`) }
}

async function tellBoth(
  { processes }: Place,
  random: Random,
  command: (afterMs: number) => SameKeyCommand,
): Promise<CallResult[][]> {
  for (const one of processes) one.tell(command(random.chance(0.5) ? 0 : random.next() * 10))
  const answers = await Promise.all(processes.map((one) => one.next('done')))
  return answers.map(({ calls }) => calls)
}

/** Exactly one call makes the workspace; the others reuse that very one, whole, or are told that it is taken. */
function prepareProblems(calls: readonly CallResult[]): string[] {
  const created = countOf(calls, 'created')
  const places = new Set(calls.flatMap((call) => ('workDir' in call ? [call.workDir] : [])))
  return [
    ...(created === 1 ? [] : [`${created} calls made a workspace`]),
    ...(places.size <= 1 ? [] : [`there are ${places.size} trees`]),
    ...calls.flatMap((call) => ('problems' in call ? call.problems : [])),
    ...broken(calls),
  ]
}

/** A workspace is not handed to another process while the one that has it lives and has not handed it back. */
function reusedWhileHeld(callsOfOne: readonly CallResult[]): string[] {
  const isForeign = countOf(callsOfOne, 'created') === 0
  return isForeign && countOf(callsOfOne, 'reused') > 0 ? ['a workspace was handed out twice'] : []
}

function cleanupProblems(calls: readonly CallResult[]): string[] {
  const removed = countOf(calls, 'removed')
  const kept = countOf(calls, 'kept')
  return [
    ...(removed === 1 ? [] : [`${removed} cleanups removed the workspace`]),
    ...(kept === 0 ? [] : [`${kept} cleanups kept the workspace`]),
    ...broken(calls),
  ]
}

function broken(calls: readonly CallResult[]): string[] {
  return calls.flatMap((call) => (call.result === 'broken' ? [`${call.code}: ${call.message}`] : []))
}

function countOf(calls: readonly CallResult[], result: CallResult['result']): number {
  return calls.filter((call) => call.result === result).length
}
