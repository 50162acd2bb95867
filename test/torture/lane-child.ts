// Plays one round of kills after the other in a root of its own: a small process, since every start of git by a
// large one is slow.
//
//   node lane-child.mjs '{"directory":…,"orchestrator":…,"seed":…}'

import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { leftovers } from '../helpers/leftovers.js'
import { createUpstream } from '../helpers/upstream.js'
import { Durations } from './durations.js'
import { MOVING_BRANCH, movingFiles, upstreamFiles } from './files.js'
import { type KillPlan, makeKillPlan } from './kill-plan.js'
import { runAndKill } from './kill-run.js'
import { Ledger } from './ledger.js'
import type { Place } from './place.js'
import { recover } from './recovery.js'
import { makeReferences, warmUp } from './references.js'
import { repositoryProblems } from './repositories.js'
import { commands, say } from './say.js'

export interface LanePlan {
  /** Holds the root and the upstream. */
  readonly directory: string
  /** The program that is killed. */
  readonly orchestrator: string
  readonly seed: number
  readonly sourceKind: Place['sourceKind']
}

export interface LaneCommand {
  readonly round: number
  /** Whether what a violation left is kept. */
  readonly evidence: 'keep' | 'remove'
}

export interface LaneEvent {
  readonly event: 'done'
  readonly killed: number
  readonly ended: number
  /** Files that were left to the sweep. */
  readonly leftToSweeps: number
  readonly violations: readonly string[]
}

const { directory, orchestrator, seed, sourceKind }: LanePlan = JSON.parse(process.argv[2] ?? '')
const root = join(directory, 'root')
const kind = { files: upstreamFiles(), bare: sourceKind === 'url' }
const upstream = await createUpstream(join(directory, 'upstream'), kind)
const source = sourceKind === 'url' ? upstream.url : upstream.path
const moves = await makeMoves()
const references = await makeReferences(root, source)
const left = await leftovers(root, 'shop', upstream)
if (left.length > 0) throw new Error(`left where nobody was killed: ${left.join(', ')}`)
const place: Place = { directory, root, upstream, source, sourceKind, references }
const durations = new Durations()
let isCold = false

async function play({ round, evidence }: LaneCommand): Promise<LaneEvent> {
  const plan = makeKillPlan(seed, round, sourceKind)
  const ledger = new Ledger()
  if (plan.environment === 'cold') await rm(root, { recursive: true, force: true })
  else if (isCold) await warmUp(root, source)
  isCold = false
  const ends = await killAll(plan, ledger, round)
  const recovery = await recover(place, plan, ledger)
  const problems = [...ledger.problems, ...recovery.problems, ...(await repositoryProblems(place, round))]
  const killed = ends.filter((end) => end === 'killed').length
  const violations = problems.length === 0 ? [] : [await report(round, plan, problems, evidence)]
  const { leftToSweeps } = recovery
  return { event: 'done', killed, ended: ends.length - killed, leftToSweeps, violations }
}

/** Two commits that nothing names until an orchestrator does. */
async function makeMoves(): Promise<readonly [string, string]> {
  const [old, moved] = movingFiles()
  const moves = [
    await upstream.commit(MOVING_BRANCH, old),
    await upstream.commit(MOVING_BRANCH, moved),
  ] as const
  await upstream.git('branch', '--quiet', '-D', MOVING_BRANCH)
  return moves
}

async function killAll(plan: KillPlan, ledger: Ledger, round: number) {
  const ends: ('killed' | 'ended')[] = []
  for (const [index, kill] of plan.kills.entries()) {
    const mark = `${round}-${index}`
    const run = { program: orchestrator, root, source, moves, plan, kill, mark, ledger, durations }
    ends.push(await runAndKill(run))
  }
  return ends
}

/** What one round broke is put away, so that the next does not find it again. */
async function report(
  round: number,
  plan: KillPlan,
  problems: readonly string[],
  evidence: LaneCommand['evidence'],
): Promise<string> {
  const kept = join(directory, `evidence-of-round-${round}`)
  isCold = true
  if (evidence === 'keep') await rename(root, kept)
  else await rm(root, { recursive: true, force: true })
  const shown = [...problems.slice(0, 8), ...(evidence === 'keep' ? [`evidence: ${kept}`] : [])]
  return `round ${round}: ${JSON.stringify(plan)}${shown.map((line) => `\n    ${line}`).join('')}`
}

for await (const command of commands<LaneCommand>()) say(await play(command))
