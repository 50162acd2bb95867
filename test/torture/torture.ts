// Puts the package under the worst load and the worst luck that it promises to bear, and exits with 1 when a
// promise does not hold.
//
//   npm run torture
//   npm run torture -- --seed 7                the same plans again
//   npm run torture -- --seconds 600           as many rounds as fit
//   npm run torture -- --rounds 1000           so many rounds of kills, and one crowd
//   npm run torture -- --only killed --keep    one scenario; keeps what each violation left

import '../helpers/hermetic.js'
import { rmSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { bundleProgram } from '../helpers/bundle-program.js'
import { parseArguments } from './arguments.js'
import { endChildren } from './child-process.js'
import { crowd } from './crowd.js'
import { killed } from './killed.js'
import { makePlayground } from './playground.js'
import { sameKey } from './same-key.js'
import type { Pace, Scenario, Stage } from './scenario.js'

const SECONDS = 90
const SHOWN_VIOLATIONS = 20

const settings = parseArguments(process.argv.slice(2))
const scenarios = [withRounds(crowd, 1), sameKey, withRounds(killed, settings.rounds)].filter(({ name }) =>
  name.startsWith(settings.only),
)
const directory = await makePlayground()
const programs = new Map<string, string>()
const startedAt = performance.now()
let violated = 0

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, breakOff)
console.log(`seed ${settings.seed}`)
try {
  for (const scenario of scenarios) violated += await play(scenario)
} finally {
  if (violated === 0 || settings.evidence === 'remove') await removeEverything()
  else console.log(`evidence: ${directory}`)
}
process.exitCode = violated === 0 ? 0 : 1

/** Where rounds were asked for: at least so many, and no more where no length was asked for. */
function withRounds(scenario: Scenario, rounds = 0): Scenario {
  return settings.rounds === undefined ? scenario : { ...scenario, rounds: { least: rounds, enough: rounds } }
}

/** Leaves nothing behind, neither processes nor files. */
function breakOff(): void {
  endChildren()
  rmSync(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  process.exit(1)
}

/** What was just ended may still be writing. */
function removeEverything(): Promise<void> {
  return rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
}

/** Plays a scenario, prints its line, and answers how many promises were broken. */
async function play(scenario: Scenario): Promise<number> {
  const playedAt = performance.now()
  const { counts, violations } = await runOrReport(scenario)
  const figures = Object.entries(counts).map(([name, count]) => `${count} ${name}`)
  const seconds = ((performance.now() - playedAt) / 1000).toFixed(1)
  const parts = [...figures, `${violations.length} violations`, `${seconds} s`]
  console.log(`${scenario.name.padEnd(10)}${parts.join(', ')}`)
  for (const violation of violations.slice(0, SHOWN_VIOLATIONS)) console.log(`  VIOLATION ${violation}`)
  return violations.length
}

/** A scenario that cannot go on has found something, too. */
async function runOrReport(scenario: Scenario) {
  try {
    return await scenario.run(await stageOf(scenario))
  } catch (error) {
    endChildren()
    return {
      counts: {},
      violations: [error instanceof Error ? (error.stack ?? error.message) : String(error)],
    }
  }
}

async function stageOf(scenario: Scenario): Promise<Stage> {
  const own = join(directory, scenario.name.replaceAll(' ', '-'))
  await mkdir(own)
  return {
    directory: own,
    seed: settings.seed,
    evidence: settings.evidence,
    pace: paceOf(scenario),
    program: programOf,
  }
}

/** Where a length was asked for each scenario has its share of it; else it ends when it has enough. */
function paceOf({ rounds, share }: Scenario): Pace {
  const { seconds } = settings
  const shares = scenarios.reduce((sum, other) => sum + other.share, 0)
  const enough = seconds === undefined ? rounds.enough : Number.POSITIVE_INFINITY
  const end =
    seconds === undefined ? startedAt + SECONDS * 1000 : performance.now() + (seconds * 1000 * share) / shares
  return { mayStart: (round) => round < rounds.least || (round < enough && performance.now() < end) }
}

function programOf(name: string): string {
  const known = programs.get(name) ?? bundleProgram(join(import.meta.dirname, `${name}.ts`), directory)
  programs.set(name, known)
  return known
}
