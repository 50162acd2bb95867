// How a document's code blocks get run, for those who write documents:
//
// - The blocks of one document run from top to bottom in one bash, in a world of their own (document-world.ts): a root
//   at /srv/agents, an upstream at https://example.org/shop.git, `git-task` and a stand-in named `agent` on the PATH.
// - `sh` runs with `set -e`; `sh fails` has to end with an error.
// - `console`: the lines that begin with `$ ` run, the others are what they print, errors included.
// - `ts` and `js` are compiled, and each is a program of its own that runs in its place.
// - `js first.mjs` is written to that file, where the shell is, for a later block to run.
// - `text` right after a block that runs is what that block prints; elsewhere it is an illustration.
// - `json` has to parse; right after a block that runs it has the keys of what that block prints.
// - In comparisons times, ages, sizes, hashes and white space do not count (comparable-output.ts); `…` stands for
//   anything, and a line of it for any lines.
// - Set-up that readers need not see is a comment: `<!-- sh`, the commands, `-->`. `<!-- ts` is put in front of the next
//   `ts` block.
// - What cannot run says so: `sh no-run`, and above it `<!-- no-run: the reason -->`.

export interface CodeBlock {
  /** `README.md:12`, to be found again. */
  readonly place: string
  readonly language: string
  /** What follows the language on the fence. */
  readonly words: readonly string[]
  readonly code: string
  /** Whether it is in a comment. */
  readonly hidden: boolean
  /** Whether nothing but blank lines is between this block and the one before. */
  readonly follows: boolean
  /** Why it does not run, from the comment above it. */
  readonly reason?: string
}

const FENCE = /^(?<indent> *)(?<fence>`{3,})(?<info>[^`]*)$/
const HIDDEN = /^<!-- (?<language>sh|ts)$/
const REASON = /^<!-- no-run: (?<reason>.+) -->$/

/** Every code block of a document, hidden ones included, in their order. */
export function codeBlocks(file: string, markdown: string): CodeBlock[] {
  const lines = markdown.split('\n')
  const blocks: CodeBlock[] = []
  let reason: string | undefined
  let follows = false
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? ''
    const opening = openingOf(line)
    if (opening !== undefined) {
      const end = endOf(lines, at, opening.closing)
      const code = lines
        .slice(at + 1, end)
        .map((text) => text.slice(Math.min(opening.indent, indentOf(text))))
      const [language = '', ...words] = opening.info
      const why = reason === undefined ? {} : { reason }
      const place = `${file}:${at + 1}`
      blocks.push({ place, language, words, code: code.join('\n'), hidden: opening.hidden, follows, ...why })
      at = end
      follows = true
      reason = undefined
      continue
    }
    reason = REASON.exec(line)?.groups?.['reason'] ?? (line.trim() === '' ? reason : undefined)
    follows &&= line.trim() === ''
  }
  return blocks
}

interface Opening {
  readonly info: readonly string[]
  readonly closing: string
  readonly indent: number
  readonly hidden: boolean
}

function openingOf(line: string): Opening | undefined {
  const hidden = HIDDEN.exec(line)?.groups
  if (hidden) return { info: [hidden['language'] ?? ''], closing: '-->', indent: 0, hidden: true }
  const { fence, info, indent } = FENCE.exec(line)?.groups ?? {}
  if (fence === undefined) return undefined
  const words = (info ?? '').split(/\s+/).filter(Boolean)
  return { info: words, closing: fence, indent: indent?.length ?? 0, hidden: false }
}

function endOf(lines: readonly string[], opening: number, closing: string): number {
  const end = lines.findIndex((line, at) => at > opening && line.trim() === closing)
  if (end === -1) throw new Error(`the block in line ${opening + 1} does not end`)
  return end
}

const indentOf = (line: string) => line.length - line.trimStart().length
