/** A table in the form that every reader of Markdown takes, cells not padded: a change then is a change of one line. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n')
}

export function code(text: string): string {
  return `\`${text}\``
}

/** Parts of a page with an empty line between them, and one newline at the end. */
export function page(...parts: readonly string[]): string {
  return `${parts.join('\n\n')}\n`
}
