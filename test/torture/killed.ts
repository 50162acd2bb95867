import { join } from 'node:path'
import { Child } from './child-process.js'
import type { LaneCommand, LaneEvent, LanePlan } from './lane-child.js'
import type { Outcome, Scenario, Stage } from './scenario.js'

/** Rounds often wait for processes, so that more than one at a time fit on a core. */
const LANES = 3

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
    let next = 0
    const fight = async (lane: number): Promise<void> => {
      const plan: LanePlan = { directory: join(stage.directory, `${lane}`), orchestrator, seed: stage.seed }
      const child = new Child<LaneEvent>(stage.program('lane-child'), plan)
      // A round in which an orchestrator was quicker than its killer does not count.
      while (stage.pace.mayStart(counts.rounds)) {
        const command: LaneCommand = { round: next++, evidence: stage.evidence }
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
    await Promise.all(Array.from({ length: LANES }, (_, lane) => fight(lane)))
    return { counts, violations }
  },
}
