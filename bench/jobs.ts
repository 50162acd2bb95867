import { z } from 'zod'

/** What a measuring child is asked to do, as JSON in its argument. */

const place = z.object({
  /** For whatever the contenders make. */
  directory: z.string(),
  url: z.string(),
  /** A bare clone of the upstream, shared by all that is done by hand. */
  mirror: z.string(),
  trash: z.object({ path: z.string(), bytesToKeepFree: z.number(), inodesToKeepFree: z.number() }),
})

const contender = z.string()
const tasks = z.number()

export const job = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('rounds'),
    place,
    contenders: z.array(contender),
    tasks,
    rounds: z.number(),
    /** After this time no further round begins, once there are enough. */
    secondsAtMost: z.number(),
    roundsAtLeast: z.number(),
  }),
  z.object({ kind: z.literal('load'), place, contender, tasks }),
  z.object({
    kind: z.literal('footprint'),
    place,
    contender,
    tasks,
    /** Where the counting `git` in front of the real one leaves its marks. */
    gitCounter: z.object({ startedFile: z.string(), processesDir: z.string() }),
  }),
  z.object({
    kind: z.literal('probes'),
    place,
    repeats: z.number(),
    workspaces: z.number(),
    files: z.number(),
    /** Whether the repository is the smallest of all that are measured. */
    size: z.enum(['smallest', 'larger']),
  }),
])

export type Place = z.infer<typeof place>
export type Job = z.infer<typeof job>
export type RoundsJob = Extract<Job, { kind: 'rounds' }>
export type LoadJob = Extract<Job, { kind: 'load' }>
export type FootprintJob = Extract<Job, { kind: 'footprint' }>
export type ProbesJob = Extract<Job, { kind: 'probes' }>
