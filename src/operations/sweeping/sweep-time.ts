import { uptime } from 'node:os'
import { throwIfStopped } from '../../errors/stop-reason.js'
import { serverTime } from '../../fs/server-time.js'
import { managedReposDir } from '../../model/layout.js'
import type { SweepOptions } from '../../model/sweep-report.js'
import { type Anchor, followClock, type Moment, presentBy } from '../../retention/clock.js'
import { type Retention, retentionOf } from '../../retention/policy.js'
import type { Services } from '../services.js'

const START = momentAt(Date.now())

const anchors = new WeakMap<Services, Anchor>()

/** Other than a process's own clock, the machine's counts on while it sleeps. */
function momentAt(wall: number): Moment {
  return { wall, steady: uptime() * 1000 }
}

/** What a sweep goes by: the policy for this call, and a time that no clock which jumped ahead has a say in. */
export async function retentionNow(
  services: Services,
  options: SweepOptions,
): Promise<{ readonly retention: Retention; readonly doubt?: string | undefined }> {
  const { now, doubt } = await presentFor(services, options)
  return { retention: retentionOf(services.settings.retention, options, now), doubt }
}

async function presentFor(
  services: Services,
  { now, signal }: SweepOptions,
): Promise<{ readonly now: Date; readonly doubt?: string }> {
  if (now !== undefined) return { now }
  throwIfStopped(signal)
  const host = services.now().getTime()
  const followed = followClock(anchors.get(services) ?? START, momentAt(host))
  anchors.set(services, followed.anchor)
  const fileServer = await serverTime(managedReposDir(services.settings.root))
  return presentBy({ host, fileServer, unset: followed.shown })
}
