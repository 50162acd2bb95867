import { monitorEventLoopDelay } from 'node:perf_hooks'
import { openContender } from './contenders/openers.js'
import type { LoadJob } from './jobs.js'
import { settleDisk } from './plain-programs.js'
import type { LoadResult } from './results.js'
import { runTasks, taskNames, warmUp } from './task-run.js'

/** The finest that the histogram's timer knows; part of every delay that it tells. */
const RESOLUTION_MS = 1
const NANOSECONDS = 1e6

/** What preparing many tasks at once costs the process that asks for it. This process does nothing else. */
export async function measureLoad(job: LoadJob): Promise<LoadResult> {
  const opened = await openContender(job.contender, job.place)
  await warmUp(opened)
  await settleDisk(job.place.directory)
  const restingBytes = process.memoryUsage.rss()
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS })
  delay.enable()
  const { milliseconds, failed } = await runTasks(opened, taskNames('load', job.tasks))
  delay.disable()
  const peakBytes = process.resourceUsage().maxRSS * 1024
  await opened.close()
  return {
    milliseconds,
    failed: failed.length,
    loopDelayP99Ms: delay.percentile(99) / NANOSECONDS,
    loopDelayMaxMs: delay.max / NANOSECONDS,
    restingBytes,
    peakBytes,
  }
}
