import { join } from 'node:path'
import { Child } from './child-process.js'
import type { LaneCommand, LaneEvent, LanePlan } from './lane-child.js'
import type { Outcome, Scenario, Stage } from './scenario.js'

/** One root each. Rounds often wait for processes, so that more than one at a time fit on a core. */
const LANES = ['url', 'url', 'path'] as const

/**
 * Orchestrators are killed at random moments while they prepare, work and clean up; whoever comes next finds
 * everything as if nobody had been killed, and every agent's work still there.
 */
export const killed: Scenario = {
  name: 'killed',
  rounds: { least: 200, enough: 200 },
  share: 0.6,

  async run(stage: Stage): Promise<Outcome> {
    const counts = { rounds: 0, kills: 0, 'ended before': 0, 'files left to sweeps': 0 }
    const violations: string[] = []
    const orchestrator = stage.program('orchestrator-child')
    const fight = async (sourceKind: (typeof LANES)[number], lane: number): Promise<void> => {
      const directory = join(stage.directory, `${lane}`)
      const plan: LanePlan = { directory, orchestrator, seed: stage.seed, sourceKind }
      const child = new Child<LaneEvent>(stage.program('lane-child'), plan)
      // A round in which an orchestrator was quicker than its killer does not count.
      for (let round = lane; stage.pace.mayStart(counts.rounds); round += LANES.length) {
        const command: LaneCommand = { round, evidence: stage.evidence }
        child.tell(command)
        const done = await child.next('done')
        counts.rounds += done.killed > 0 ? 1 : 0
        counts.kills += done.killed
        counts['ended before'] += done.ended
        counts['files left to sweeps'] += done.leftToSweeps
        violations.push(...done.violations)
      }
      await child.finish()
    }
    await Promise.all(LANES.map(fight))
    return { counts, violations }
  },
}
