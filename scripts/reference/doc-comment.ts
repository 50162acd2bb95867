import ts from 'typescript'

export interface DocComment {
  /** What it says before its first tag, in one line. */
  readonly text: string
  readonly examples: readonly string[]
  /** The names that its `@see {@link name}` lines lead to. */
  readonly see: readonly string[]
}

/** The doc comment of a declaration; undefined where it has none. */
export function docCommentOf(node: ts.Node): DocComment | undefined {
  const range = commentRangesOf(node).at(-1)
  if (range === undefined) return undefined
  const comment = node.getSourceFile().text.slice(range.pos, range.end)
  return comment.startsWith('/**') ? parseDocComment(comment) : undefined
}

// A member of a union begins after its bar, which its comment stands in front of.
function commentRangesOf(node: ts.Node): readonly ts.CommentRange[] {
  const text = node.getSourceFile().text
  const own = ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []
  if (own.length > 0 || !ts.isTypeNode(node) || !ts.isUnionTypeNode(node.parent)) return own
  const bar = text.lastIndexOf('|', node.getStart())
  const before = node.parent.types[node.parent.types.indexOf(node) - 1]
  return ts.getLeadingCommentRanges(text.slice(0, bar), before?.end ?? node.parent.getFullStart()) ?? []
}

function parseDocComment(comment: string): DocComment {
  const lines = comment
    .replace(/^\/\*\*|\*\/$/g, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, '').trimEnd())
  const [prose = [], ...tags] = atTags(lines)
  const bodiesOf = (tag: string) =>
    tags.filter(([first]) => first?.startsWith(tag)).map((body) => body.join('\n').slice(tag.length).trim())
  return {
    text: plainText(prose.join(' ').replace(/\s+/g, ' ').trim()),
    examples: bodiesOf('@example'),
    see: bodiesOf('@see').flatMap((body) => /\{@link (\S+?)\}/.exec(body)?.[1] ?? []),
  }
}

/** The lines up to the first tag, then those of each tag. */
function atTags(lines: readonly string[]): string[][] {
  const parts: string[][] = [[]]
  for (const line of lines) {
    if (/^@(?:example|see|throws|param|returns)\b/.test(line)) parts.push([])
    parts.at(-1)?.push(line)
  }
  return parts
}

function plainText(text: string): string {
  return text.replace(/\{@link (\S+?)\}/g, '`$1`')
}
