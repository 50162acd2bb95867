/** Rows of cells as a table; what is undefined was not measured. */
export function markdownTable(
  heads: readonly string[],
  rows: ReadonlyArray<ReadonlyArray<string | undefined>>,
): string {
  const line = (cells: ReadonlyArray<string | undefined>) =>
    `| ${cells.map((cell) => escaped(cell ?? '–')).join(' | ')} |`
  const rule = heads.map((_, column) => (column === 0 ? '---' : '--:'))
  return [line(heads), `| ${rule.join(' | ')} |`, ...rows.map(line)].join('\n')
}

/** A bar would end the cell, and a tag outside of code would be taken for HTML. */
function escaped(cell: string): string {
  return cell.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
