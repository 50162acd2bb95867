import type { DiskUsageReport, EnvironmentUsage } from 'git-task-isolation'
import { formatBytes } from '../amounts.js'
import { taskOf } from '../shown-key.js'
import type { Screen, Style } from '../terminal/screen.js'
import { type Column, formatTable } from '../terminal/table.js'
import { widthOf } from '../terminal/text-width.js'

interface Line {
  readonly envId: string
  readonly what: string
  readonly bytes: number
  /** Of the largest; a sum has none. */
  readonly share?: number
  readonly style?: Style
}

const BAR = { pipe: 30, most: 50, least: 8 } as const

/** One line for each thing; the bars of all are of one scale. */
export function usageTable({ environments, totalBytes }: DiskUsageReport, screen: Screen): string {
  const things = environments.flatMap(linesOf)
  const most = Math.max(1, ...things.map(({ bytes }) => bytes))
  const lines: Line[] = [
    ...things.map((line) => ({ ...line, share: line.bytes / most })),
    ...environments.map(({ envId, totalBytes: bytes }) => ({ envId, what: 'together', bytes, ...SUM })),
    ...(environments.length > 1 ? [{ envId: '', what: 'in total', bytes: totalBytes, ...SUM }] : []),
  ]
  const names: Column<Line>[] = [
    { head: 'ENV', cell: ({ envId, style }) => ({ text: envId, style }), least: 4 },
    { head: 'WHAT', cell: ({ what, style }) => ({ text: what, style }), least: 8, shortenedAt: 'middle' },
    { head: 'SIZE', cell: ({ bytes, style }) => ({ text: formatBytes(bytes), style }), align: 'right' },
  ]
  const width = barWidth(lines, screen)
  const bars: Column<Line> = {
    head: '',
    cell: ({ share = 0 }) => ({ text: bar(share, width), style: 'cyan' }),
  }
  return formatTable(lines, width === 0 ? names : [...names, bars], screen)
}

const SUM = { style: 'bold' } as const

function linesOf({ envId, workspaces, ...usage }: EnvironmentUsage): Line[] {
  const tasks = workspaces.map(({ key, bytes }) => ({ envId, what: taskOf(key), bytes }))
  return [
    ...tasks.sort((one, other) => other.bytes - one.bytes),
    { envId, what: '(mirror)', bytes: usage.mirrorBytes },
    { envId, what: '(archives)', bytes: usage.archivesBytes },
    { envId, what: '(trash)', bytes: usage.trashBytes },
    { envId, what: '(records and logs)', bytes: usage.otherBytes },
  ]
}

/** What the names leave of a terminal, within reason; nothing where that is too little for a bar. */
function barWidth(lines: readonly Line[], { columns }: Screen): number {
  if (columns === undefined) return BAR.pipe
  const widest = (text: (line: Line) => string) => Math.max(4, ...lines.map((line) => widthOf(text(line))))
  const names = widest(({ envId }) => envId) + widest(({ what }) => what)
  const left = columns - names - widest(({ bytes }) => formatBytes(bytes)) - GAPS
  if (left >= BAR.least) return Math.min(BAR.most, left)
  // The names give way before the bars do, as long as both can be read.
  return columns >= 40 ? BAR.least : 0
}

/** Two spaces after each of the three columns before the bars. */
const GAPS = 6

function bar(share: number, width: number): string {
  return share === 0 ? '' : '█'.repeat(Math.max(1, Math.round(share * width)))
}
