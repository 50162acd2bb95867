import { type Contender, contenderOf, field } from './contenders/field.js'
import { loadFigure, ratioIn, roundsOf } from './figures.js'
import { markdownTable } from './markdown-table.js'
import { count, figure, kibibytes, mebibytes } from './number-format.js'
import type { Cell, Results } from './results.js'
import { spreadOf } from './statistics.js'
import { isReached, targets } from './targets.js'

export function repositoriesTable({ repositories }: Results): string {
  return markdownTable(
    ['files', 'commits', 'objects', 'pack, MiB'],
    repositories.map(({ files, commits, objects, packBytes }) => [
      count(files),
      count(commits),
      count(objects),
      mebibytes(packBytes),
    ]),
  )
}

const VERDICTS = new Map([
  [true, 'reached'],
  [false, 'not reached'],
  [undefined, 'not measured'],
])

export function targetsTable(results: Results): string {
  const rows = targets.map((target) => {
    const { what, kind, limit, unit } = target
    const measured = target.figure(results)
    const text = measured === undefined ? undefined : `${figure(measured)} ${unit}`
    return [what, `${kind} ${limit} ${unit}`, text, VERDICTS.get(isReached(target, measured))]
  })
  return markdownTable(['', 'target', 'measured', ''], rows)
}

/** One table for each size of repository: a pair of columns for each number of tasks at once. */
export function timesTable(results: Results, files: number): string {
  const cells = results.cells.filter((cell) => cell.files === files)
  const heads = cells.flatMap(({ tasks }) => [`${tasks === 1 ? '1 task' : `${tasks} at once`}, ms`, '×'])
  const rows = field
    .filter(({ id }) => cells.some((cell) => roundsOf(cell, id)))
    .map((contender) => [name(contender), ...cells.flatMap((cell) => timesIn(cell, contender.id))])
  return markdownTable(['', ...heads], rows)
}

function timesIn(cell: Cell, contender: string): Array<string | undefined> {
  const spread = spreadOf(roundsOf(cell, contender)?.milliseconds ?? [])
  const ratio = ratioIn(cell, contender)
  return [
    spread && `${figure(spread.median)} (${figure(spread.lowerQuartile)}–${figure(spread.upperQuartile)})`,
    ratio && figure(ratio.median),
  ]
}

/** Who failed, and what that left behind; undefined where nobody did. */
export function failuresTable(results: Results): string | undefined {
  const rows = results.cells.flatMap((cell) =>
    cell.contenders
      .filter(({ failed }) => failed > 0)
      .map(({ contender, milliseconds, failed, left, exampleOfFailure }) => [
        name(contenderOf(contender)),
        `${count(cell.files)} × ${cell.tasks}`,
        `${failed} of ${count(cell.tasks * milliseconds.length)}`,
        Object.entries(left)
          .map(([kind, many]) => `${kind}: ${many}`)
          .join(', ') || 'nothing',
        exampleOfFailure && `\`${withoutRunFolder(exampleOfFailure)}\``,
      ]),
  )
  if (rows.length === 0) return undefined
  return markdownTable(['', 'files × tasks', 'failed', 'left behind', 'one of the failures'], rows)
}

/** The run's own folder has another name each time. */
function withoutRunFolder(message: string): string {
  return message.replaceAll(/\/\S*\/git-task-bench-[^/\s]+/g, '…').replaceAll('`', "'")
}

export function loadTable({ loads }: Results): string {
  const rows = loads.map((load) => [
    name(contenderOf(load.contender)),
    textOf(
      loadFigure(load, ({ loopDelayP99Ms }) => loopDelayP99Ms),
      figure,
    ),
    textOf(
      loadFigure(load, ({ loopDelayMaxMs }) => loopDelayMaxMs),
      figure,
    ),
    textOf(
      loadFigure(load, ({ restingBytes }) => restingBytes),
      mebibytes,
    ),
    textOf(
      loadFigure(load, ({ peakBytes }) => peakBytes),
      mebibytes,
    ),
  ])
  const heads = ['', 'delay p99, ms', 'delay max, ms', 'memory before, MiB', 'memory at peak, MiB']
  return markdownTable(heads, rows)
}

export function footprintTable({ footprints }: Results, files: number): string {
  const rows = footprints
    .filter((footprint) => footprint.files === files)
    .map((footprint) => [
      name(contenderOf(footprint.contender)),
      figure(footprint.gitStartedPerTask),
      figure(footprint.gitProcessesPerTask),
      textOf(footprint.largestGitBytes, mebibytes),
      kibibytes(footprint.diskBytesPerTask),
    ])
  const heads = ['', 'git started', 'git processes', 'largest git, MiB', 'disk beyond its files, KiB']
  return markdownTable(heads, rows)
}

export function probesTable({ probes }: Results): string {
  const rows = probes.flatMap(({ probe, unit, series }) =>
    series.map(({ name: label, values }) => {
      const spread = spreadOf(values)
      const range = spread && `${figure(spread.lowerQuartile)}–${figure(spread.upperQuartile)}`
      return [`${probe}: ${label}`, spread && `${figure(spread.median)} ${unit} (${range})`]
    }),
  )
  return markdownTable(['', 'median (quartiles)'], rows)
}

/** Ours in bold. */
function name({ label, maker }: Contender): string {
  return maker === 'ours' ? `**${label}**` : `\`${label}\``
}

function textOf(value: number | undefined, format: (value: number) => string): string | undefined {
  return value === undefined ? undefined : format(value)
}
