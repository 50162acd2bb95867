/** Colours that keep apart on a light and on a dark page. */
const STYLE = `
  svg { font: 13px system-ui, sans-serif; color-scheme: light dark; background: #fff }
  text { fill: #1f2328 } .faint { fill: #59636e } .small { font-size: 11px } .strong { font-weight: 600 }
  .mono { font: 13px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; white-space: pre }
  .box { fill: #f6f8fa; stroke: #59636e } .ours { fill: #dafbe1; stroke: #1a7f37 }
  .line { stroke: #59636e; fill: none } .dashed { stroke-dasharray: 4 4 } .head { fill: #59636e }
  .grid { stroke: #d1d9e0 }
  .red { fill: #cf222e } .green { fill: #1a7f37 } .yellow { fill: #9a6700 } .blue { fill: #0969da }
  .magenta { fill: #8250df } .cyan { fill: #1b7c83 }
  @media (prefers-color-scheme: dark) {
    svg { background: #0d1117 } text { fill: #f0f6fc } .faint { fill: #9198a1 }
    .box { fill: #151b23; stroke: #9198a1 } .ours { fill: #12261e; stroke: #3fb950 }
    .line { stroke: #9198a1 } .head { fill: #9198a1 }
    .grid { stroke: #3d444d }
    .red { fill: #ff7b72 } .green { fill: #3fb950 } .yellow { fill: #d29922 } .blue { fill: #58a6ff }
    .magenta { fill: #bc8cff } .cyan { fill: #39c5cf }
  }`

export interface Page {
  /** For readers who do not see the picture. */
  readonly title: string
  readonly width: number
  readonly height: number
}

/** A whole picture as the text of a file. */
export function page({ title, width, height }: Page, parts: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<style>${STYLE}\n</style>`,
    ...parts,
    '</svg>',
    '',
  ].join('\n')
}

export interface TextOptions {
  readonly style?: string
  readonly anchor?: 'start' | 'middle' | 'end'
}

export function text(x: number, y: number, content: string, options: TextOptions = {}): string {
  const { style = '', anchor = 'start' } = options
  return `<text class="${style}" x="${x}" y="${y}" text-anchor="${anchor}">${escaped(content)}</text>`
}

export function line(style: string, [x1, y1]: Point, [x2, y2]: Point): string {
  return `<line class="${style}" x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}"/>`
}

export type Point = readonly [x: number, y: number]

export function box(style: string, [x, y]: Point, width: number, height: number): string {
  return `<rect class="${style}" x="${x}" y="${y}" width="${width}" height="${height}" rx="6"/>`
}

/** A line through points with a head at its end. */
export function arrow(points: readonly [Point, Point, ...Point[]], style = ''): string {
  const [end, before] = [points.at(-1) ?? points[0], points.at(-2) ?? points[0]]
  const path = points.map(([x, y], at) => `${at === 0 ? 'M' : 'L'}${x} ${y}`).join(' ')
  return `<path class="line ${style}" d="${path}"/>\n<path class="head" d="${headAt(end, before)}"/>`
}

const HEAD = 7

function headAt([x, y]: Point, [fromX, fromY]: Point): string {
  const length = Math.hypot(x - fromX, y - fromY)
  const [along, across] = [(x - fromX) / length, (y - fromY) / length]
  const corner = (side: 1 | -1) => {
    const [cornerX, cornerY] = [x - HEAD * along + side * 4 * across, y - HEAD * across - side * 4 * along]
    return `L${cornerX.toFixed(1)} ${cornerY.toFixed(1)}`
  }
  return `M${x} ${y} ${corner(1)} ${corner(-1)} Z`
}

function escaped(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
