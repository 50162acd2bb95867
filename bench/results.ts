import { z } from 'zod'

/** What a child measures and a run saves; read back with the same schemas. */

const numbers = z.array(z.number())
const contender = z.string()

const roundsOf = z.object({
  contender,
  /** Until the last task was ready; one figure a round. */
  milliseconds: numbers,
  /** Tasks that failed, over all rounds. */
  failed: z.number(),
  /** What failed tasks left behind, by kind. */
  left: z.record(z.string(), z.number()),
  exampleOfFailure: z.string().optional(),
})

export const roundsResult = z.array(roundsOf)

const cell = z.object({ files: z.number(), tasks: z.number(), contenders: roundsResult })

export const loadResult = z.object({
  milliseconds: z.number(),
  failed: z.number(),
  loopDelayP99Ms: z.number(),
  loopDelayMaxMs: z.number(),
  restingBytes: z.number(),
  peakBytes: z.number(),
})

const load = z.object({ contender, files: z.number(), tasks: z.number(), runs: z.array(loadResult) })

export const footprintResult = z.object({
  contender,
  gitStartedPerTask: z.number(),
  gitProcessesPerTask: z.number(),
  largestGitBytes: z.number().optional(),
  diskBytesPerTask: z.number(),
})

const footprint = footprintResult.extend({ files: z.number(), tasks: z.number() })

const series = z.object({ name: z.string(), values: numbers })

export const probeResults = z.array(
  z.object({ probe: z.string(), unit: z.string(), series: z.array(series) }),
)

const repository = z.object({
  files: z.number(),
  commits: z.number(),
  objects: z.number(),
  packBytes: z.number(),
})

const machine = z.object({
  processor: z.string(),
  cores: z.number(),
  memoryBytes: z.number(),
  system: z.string(),
  /** That the benchmark wrote to. */
  fileSystem: z.string(),
  git: z.string(),
  node: z.string(),
})

export const results = z.object({
  command: z.string(),
  machine,
  repositories: z.array(repository),
  cells: z.array(cell),
  loads: z.array(load),
  footprints: z.array(footprint),
  probes: probeResults,
})

export type ContenderRounds = z.infer<typeof roundsOf>
export type Cell = z.infer<typeof cell>
export type Load = z.infer<typeof load>
export type LoadResult = z.infer<typeof loadResult>
export type Footprint = z.infer<typeof footprint>
export type FootprintResult = z.infer<typeof footprintResult>
export type ProbeResults = z.infer<typeof probeResults>
export type RepositoryFacts = z.infer<typeof repository>
export type Machine = z.infer<typeof machine>
export type Results = z.infer<typeof results>
