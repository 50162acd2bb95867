import { field } from './contenders/field.js'
import { ratioIn, roundsOf } from './figures.js'
import { count, figure } from './number-format.js'
import type { Cell, Results } from './results.js'
import { median, type Spread } from './statistics.js'

const TITLE = 'Time to a ready checkout, × git worktree add'
const WIDTH = 860
const LABELS = 290
const PLOT = 400
const ROW = 22
const HEAD = 34
const GAP = 26
const TOP = 56
const TICKS = [0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128] as const

/** Colours that keep apart on a light and on a dark page. */
const STYLE = `
  svg { font: 13px system-ui, sans-serif; color-scheme: light dark; background: #fff }
  text { fill: #1f2328 } .faint { fill: #59636e } .small { font-size: 11px }
  .by-hand { fill: #8c959f } .ours { fill: #1a7f37 } .whisker { stroke: #1f2328 }
  .grid { stroke: #d1d9e0 } .reference { stroke: #59636e; stroke-dasharray: 3 3 }
  @media (prefers-color-scheme: dark) {
    svg { background: #0d1117 } text { fill: #f0f6fc } .faint { fill: #9198a1 }
    .by-hand { fill: #656c76 } .ours { fill: #3fb950 } .whisker { stroke: #f0f6fc }
    .grid { stroke: #3d444d } .reference { stroke: #9198a1 }
  }`

interface Bar {
  readonly label: string
  readonly maker: 'by hand' | 'ours'
  readonly ratio: Spread
  readonly milliseconds: number
}

interface Panel {
  readonly title: string
  readonly bars: readonly Bar[]
}

/**
 * How long each contender takes as a multiple of `git worktree add`, on a logarithmic axis: for each size of
 * repository a panel with one task, and one with as many at once as were measured.
 */
export function chart(results: Results): string {
  const panels = shownCells(results)
    .map(panelOf)
    .filter(({ bars }) => bars.length > 0)
  const scale = scaleOf(panels.flatMap(({ bars }) => bars))
  const parts: string[] = []
  let top = TOP
  for (const panel of panels) {
    parts.push(...drawPanel(panel, scale, top))
    top += heightOf(panel)
  }
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${top}" role="img">`,
    `<title>${TITLE}</title>`,
    `<style>${STYLE}\n</style>`,
    text(16, 26, `${TITLE} (logarithmic; the lines span half of all rounds)`),
    ...parts,
    '</svg>',
    '',
  ].join('\n')
}

function shownCells({ cells }: Results): Cell[] {
  const most = ({ files }: Cell) =>
    Math.max(...cells.filter((cell) => cell.files === files).map(({ tasks }) => tasks))
  return cells.filter((cell) => cell.tasks === 1 || cell.tasks === most(cell))
}

function panelOf(cell: Cell): Panel {
  const bars = field.flatMap(({ id, label, maker }) => {
    const ratio = ratioIn(cell, id)
    const rounds = roundsOf(cell, id)
    return ratio && rounds ? [{ label, maker, ratio, milliseconds: median(rounds.milliseconds) }] : []
  })
  const howMany = cell.tasks === 1 ? 'one task' : `${cell.tasks} tasks at once`
  return { title: `${count(cell.files)} files, ${howMany}`, bars }
}

interface Scale {
  readonly ticks: readonly number[]
  at(ratio: number): number
}

/** From the tick below the least to the tick above the most. */
function scaleOf(bars: readonly Bar[]): Scale {
  const least = Math.min(0.5, ...bars.map(({ ratio }) => ratio.lowerQuartile))
  const most = Math.max(2, ...bars.map(({ ratio }) => ratio.upperQuartile))
  const first = TICKS.findLast((tick) => tick <= least) ?? TICKS[0]
  const last = TICKS.find((tick) => tick >= most) ?? most
  const span = Math.log(last / first)
  return {
    ticks: TICKS.filter((tick) => tick >= first && tick <= last),
    at: (ratio) => LABELS + (PLOT * Math.max(0, Math.log(ratio / first))) / span,
  }
}

const heightOf = ({ bars }: Panel) => HEAD + bars.length * ROW + GAP

function drawPanel({ title, bars }: Panel, scale: Scale, top: number): string[] {
  const bottom = top + HEAD + bars.length * ROW - 6
  return [
    text(16, top + 6, title),
    ...scale.ticks.flatMap((tick) => [
      line(tick === 1 ? 'reference' : 'grid', scale.at(tick), top + 22, scale.at(tick), bottom),
      text(scale.at(tick), top + 16, String(tick), 'faint small', 'middle'),
    ]),
    ...bars.flatMap((bar, row) => drawBar(bar, scale, top + HEAD + row * ROW)),
  ]
}

/** From the reference to the left: that much quicker; to the right: that much slower. */
function drawBar({ label, maker, ratio, milliseconds }: Bar, scale: Scale, top: number): string[] {
  const [from = 0, to = 0] = [scale.at(ratio.median), scale.at(1)].sort((one, other) => one - other)
  const rect = `x="${(from - 1).toFixed(1)}" y="${top}" width="${(to - from + 2).toFixed(1)}" height="12"`
  const end = Math.max(to, scale.at(ratio.upperQuartile))
  return [
    text(LABELS - 10, top + 10, label, '', 'end'),
    `<rect class="${maker === 'ours' ? 'ours' : 'by-hand'}" ${rect}/>`,
    line('whisker', scale.at(ratio.lowerQuartile), top + 6, scale.at(ratio.upperQuartile), top + 6),
    text(end + 8, top + 10, `${figure(ratio.median)} × · ${figure(milliseconds)} ms`, 'faint small'),
  ]
}

function line(style: string, x1: number, y1: number, x2: number, y2: number): string {
  const [a, b] = [x1.toFixed(1), x2.toFixed(1)]
  return `<line class="${style}" x1="${a}" y1="${y1}" x2="${b}" y2="${y2}"/>`
}

function text(x: number, y: number, content: string, style = '', anchor = 'start'): string {
  const escaped = content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
  return `<text class="${style}" x="${x.toFixed(1)}" y="${y}" text-anchor="${anchor}">${escaped}</text>`
}
