/** What a document shows of an output that changes from run to run, and what stands for it in comparisons. */
const PASSING: readonly (readonly [RegExp, string])[] = [
  [new RegExp(`${String.fromCharCode(0x1b)}\\[[0-9;?]*[A-Za-z]`, 'g'), ''],
  [/\d{4}-\d\d-\d\dT[\d:.-]+Z/g, '<time>'],
  [/\b[0-9a-f]{40}\b/g, '<id>'],
  [/\b(?=[0-9a-f]*\d)[0-9a-f]{7,39}\b/g, '<id>'],
  [/\bpid \d+/g, 'pid <n>'],
  [
    /~?\b\d+(\.\d+)?\s?(ms|s|m|min|h|d|days?|hours?|minutes?|seconds?)\b( \d+(\.\d+)?\s?(ms|s|m|h)\b)?/g,
    '<age>',
  ],
  [/\b\d+(\.\d+)?\s?([kMGTP]?i?B)\b/g, '<size>'],
  [/[█▉▊▋▌▍▎▏░▒▓━─]+/g, '<bar>'],
  [/ +/g, ' '],
]

/** A text line by line, as it is the same in every run. */
export function comparableLines(text: string): string[] {
  const settled = PASSING.reduce((all, [pattern, stand]) => all.replace(pattern, stand), text)
  const lines = settled.split('\n').map((line) => line.trim())
  return lines.filter((line) => line !== '')
}

/** Whether an output is what a document shows, where `…` stands for anything, and a line of it for any lines. */
export function isShownAs(shown: string, output: string): boolean {
  const pattern = comparableLines(shown).map((line) =>
    line === '…' ? '(?:.*\n)*' : `${linePattern(line)}\n`,
  )
  return new RegExp(`^${pattern.join('')}$`).test(
    comparableLines(output)
      .map((line) => `${line}\n`)
      .join(''),
  )
}

const linePattern = (line: string) => line.split('…').map(escaped).join('.*')

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')

/** The keys of a value, those of what is in it included, to any depth; elements of lists count as one. */
export function keysOf(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap((element) => keysOf(element, `${path}[]`)))]
  if (typeof value !== 'object' || value === null) return [path]
  return Object.entries(value).flatMap(([name, inner]) => keysOf(inner, `${path}.${name}`))
}
