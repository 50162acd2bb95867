import { contenderOf } from './contenders/field.js'
import { cellOf, failuresOfOurs, footprintOf, loadFigure, loadOf, ratioIn, seriesOf } from './figures.js'
import { count } from './number-format.js'
import { LOOK, REMOVAL, REUSE } from './probe-names.js'
import type { Results } from './results.js'
import { median } from './statistics.js'

/** What was promised, and where its figure is found. */
export interface Target {
  readonly what: string
  readonly unit: '×' | 'ms' | 'KiB' | 'tasks'
  readonly limit: number
  /** A limit that may itself be met, or one to stay below. */
  readonly kind: 'at most' | 'below'
  readonly figure: (results: Results) => number | undefined
}

const SIZES = [200, 5_000, 50_000] as const
const STRATEGIES = ['worktree', 'clone'] as const
const KIB = 1024

export const targets: readonly Target[] = [
  ratioTarget({ strategy: 'worktree', against: 'worktree-add', files: 200, tasks: 1, limit: 1.5 }),
  ratioTarget({ strategy: 'worktree', against: 'worktree-add', files: 5_000, tasks: 1, limit: 0.8 }),
  ratioTarget({ strategy: 'worktree', against: 'worktree-add', files: 50_000, tasks: 1, limit: 0.8 }),
  ...SIZES.map((files) =>
    ratioTarget({ strategy: 'clone', against: 'clone-shared', files, tasks: 1, limit: 0.8 }),
  ),
  ratioTarget({ strategy: 'clone', against: 'clone-url', files: 5_000, tasks: 1, limit: 0.05 }),
  ...STRATEGIES.map((strategy) =>
    ratioTarget({ strategy, against: 'worktree-add', files: 200, tasks: 200, limit: 1.2 }),
  ),
  {
    what: 'tasks that failed with us, in all that was measured',
    unit: 'tasks',
    limit: 0,
    kind: 'at most',
    figure: failuresOfOurs,
  },
  {
    what: 'a ready workspace asked for again, beyond reading its record',
    unit: 'ms',
    limit: 5,
    kind: 'below',
    figure: beyondReading,
  },
  probeTarget({
    what: 'looking into an untouched workspace against `git status`, 5,000 files',
    ...{ probe: LOOK.probe(5_000), of: LOOK.look, against: LOOK.status, limit: 3 },
  }),
  probeTarget({
    what: 'cleanup against the look for unsaved work, 50,000 files',
    ...{ probe: REMOVAL.probe(50_000), of: REMOVAL.cleanup, against: REMOVAL.look, limit: 1.2 },
  }),
  ...STRATEGIES.map(delayTarget),
  ...STRATEGIES.flatMap((strategy) => SIZES.map((files) => diskTarget(strategy, files))),
]

/** @returns undefined where it was not measured. */
export function isReached({ limit, kind }: Target, figure: number | undefined): boolean | undefined {
  if (figure === undefined) return undefined
  return kind === 'below' ? figure < limit : figure <= limit
}

interface RatioTarget {
  readonly strategy: string
  readonly against: string
  readonly files: number
  readonly tasks: number
  readonly limit: number
}

function ratioTarget({ strategy, against, files, tasks, limit }: RatioTarget): Target {
  const howMany = tasks === 1 ? 'one task' : `${tasks} tasks at once`
  return {
    what: `\`${strategy}\` against \`${contenderOf(against).label}\`, ${count(files)} files, ${howMany}`,
    unit: '×',
    limit,
    kind: 'at most',
    figure: (results) => ratioIn(cellOf(results, files, tasks), `prepare-${strategy}`, against)?.median,
  }
}

function delayTarget(strategy: string): Target {
  return {
    what: `event-loop delay (p99) of the orchestrator while 200 prepare, \`${strategy}\``,
    unit: 'ms',
    limit: 50,
    kind: 'below',
    figure: (results) => {
      const load = loadOf(results, `prepare-${strategy}`)
      return load?.tasks === 200 ? loadFigure(load, (run) => run.loopDelayP99Ms) : undefined
    },
  }
}

function diskTarget(strategy: string, files: number): Target {
  return {
    what: `disk per task beyond its files, \`${strategy}\`, ${count(files)} files`,
    unit: 'KiB',
    limit: 200,
    kind: 'below',
    figure: (results) => {
      const bytes = footprintOf(results, `prepare-${strategy}`, files)?.diskBytesPerTask
      return bytes === undefined ? undefined : bytes / KIB
    },
  }
}

interface ProbeTarget {
  readonly what: string
  readonly probe: string
  readonly of: string
  readonly against: string
  readonly limit: number
}

function probeTarget({ what, probe, of, against, limit }: ProbeTarget): Target {
  const figure = (results: Results) => {
    const ours = seriesOf(results, probe, of)
    const theirs = seriesOf(results, probe, against)
    return ours && theirs && median(ours) / median(theirs)
  }
  return { what, unit: '×', limit, kind: 'at most', figure }
}

function beyondReading(results: Results): number | undefined {
  const again = seriesOf(results, REUSE.probe, REUSE.again)
  const reading = seriesOf(results, REUSE.probe, REUSE.reading)
  return again && reading && median(again) - median(reading)
}
