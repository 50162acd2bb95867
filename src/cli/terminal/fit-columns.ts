/** As much of a column as its width depends on. */
export interface Fitted {
  readonly width: number
  /** What it may be shortened to. */
  readonly least: number
  /** Its rank among those that may be left out: the highest goes first. Undefined: it stays. */
  readonly leaveOut: number | undefined
}

/** Between two columns. */
const GAP = 2

/**
 * The widths of columns that fit into a terminal together: the widest is made narrower, one step after the other;
 * where all are at their least and still too wide, one is left out. Pure.
 */
export function fitColumns<Column extends Fitted>(
  columns: readonly Column[],
  available: number | undefined,
): { readonly widths: readonly number[]; readonly left: readonly Column[] } {
  const left: Column[] = []
  for (;;) {
    const kept = columns.filter((column) => !left.includes(column))
    const widths = narrowed(kept, available)
    const next = widths === undefined ? mostDispensable(kept) : undefined
    if (next === undefined) return { widths: widths ?? squeezed(kept, available ?? 0), left }
    left.push(next)
  }
}

/** Undefined where they do not fit. */
function narrowed(columns: readonly Fitted[], available: number | undefined): number[] | undefined {
  const widths = columns.map(({ width }) => width)
  if (available === undefined) return widths
  let excess = together(widths) - available
  while (excess > 0) {
    const widest = widestOf(columns, widths)
    if (widest === undefined) return undefined
    widths[widest] = (widths[widest] ?? 0) - 1
    excess -= 1
  }
  return widths
}

function together(widths: readonly number[]): number {
  return widths.reduce((sum, width) => sum + width, 0) + GAP * Math.max(0, widths.length - 1)
}

/** Of those that may still become narrower. */
function widestOf(columns: readonly Fitted[], widths: readonly number[]): number | undefined {
  let widest: number | undefined
  for (const [index, { least }] of columns.entries()) {
    const width = widths[index] ?? 0
    if (width > least && width > (widest === undefined ? 0 : (widths[widest] ?? 0))) widest = index
  }
  return widest
}

function mostDispensable<Column extends Fitted>(columns: readonly Column[]): Column | undefined {
  const ranked = columns.filter(({ leaveOut }) => leaveOut !== undefined)
  return ranked.sort((one, other) => (other.leaveOut ?? 0) - (one.leaveOut ?? 0))[0]
}

/** What must stay on a terminal that is too narrow even for that: each gets its share. */
function squeezed(columns: readonly Fitted[], available: number): number[] {
  const room = Math.max(columns.length, available - GAP * Math.max(0, columns.length - 1))
  const share = Math.max(1, Math.floor(room / Math.max(1, columns.length)))
  return columns.map(({ width }) => Math.min(width, share))
}
