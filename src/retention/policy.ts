import type { RetentionPolicy, RetentionSettings } from '../model/options.js'

const DAY_MS = 86_400_000

/** How long what is kept, in milliseconds, and the time that ages are told by. */
export interface Retention {
  readonly now: Date
  readonly finishedMaxAgeMs: number
  /** The same as for finished ones where failed tasks are not kept for debugging. */
  readonly failedMaxAgeMs: number
  readonly archiveMaxAgeMs: number
  readonly maxTotalBytes: number | undefined
  /** Whether failed tasks stay although there is too much on the disk. */
  readonly keepFailed: boolean
}

/** The manager's policy but for what a call says; pure. */
export function retentionOf(settings: RetentionSettings, call: RetentionPolicy, now: Date): Retention {
  const keepFailed = call.keepFailed ?? settings.keepFailed
  const maxAgeDays = call.maxAgeDays ?? settings.maxAgeDays
  const failedMaxAgeDays = call.failedMaxAgeDays ?? settings.failedMaxAgeDays ?? maxAgeDays
  return {
    now,
    keepFailed,
    finishedMaxAgeMs: maxAgeDays * DAY_MS,
    failedMaxAgeMs: (keepFailed ? failedMaxAgeDays : maxAgeDays) * DAY_MS,
    archiveMaxAgeMs: (call.archiveMaxAgeDays ?? settings.archiveMaxAgeDays) * DAY_MS,
    maxTotalBytes: call.maxTotalBytes ?? settings.maxTotalBytes,
  }
}

/** What was last changed before this is as old as the age; never before 1970, since no file is older. */
export function oldSince({ now }: Retention, maxAgeMs: number): Date {
  return new Date(Math.max(0, now.getTime() - maxAgeMs))
}
