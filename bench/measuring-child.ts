// Does one job of the benchmark in a process of its own, so that nothing else of it takes part.

import { measureFootprint } from './footprint.js'
import { type Job, job } from './jobs.js'
import { measureLoad } from './load.js'
import { runProbes } from './probes.js'
import { measureRounds } from './rounds.js'

// An orchestrator has something that keeps it running between calls, and so has this process.
process.channel?.ref()
const result = await run(job.parse(JSON.parse(process.argv[2] ?? '')))
process.send?.(result)
process.disconnect()

function run(work: Job): Promise<unknown> {
  switch (work.kind) {
    case 'rounds':
      return measureRounds(work)
    case 'load':
      return measureLoad(work)
    case 'footprint':
      return measureFootprint(work)
    case 'probes':
      return runProbes(work)
  }
}
