import ts from 'typescript'
import { builtDeclarations, type Declared } from './declarations.js'
import { page } from './markdown.js'

/** The public API without its comments, as users' compilers see it: a change of it is a change of this page. */
export function surfacePage(): string {
  const all = builtDeclarations()
  const exportedBy = (entry: string) => all.filter(({ entries }) => entries.includes(entry))
  return page(
    '# The public API, declared',
    '<!-- Generated from the built declarations by `npm run docs`. -->',
    'A test compares this page with what is built. Where a change is meant, `npm run docs` accepts it.',
    '## `git-task-isolation`',
    listing(exportedBy('git-task-isolation')),
    '## `git-task-isolation/testing`',
    listing(exportedBy('git-task-isolation/testing')),
    '## What these are made of',
    'Not exported, but what others see of the declarations above.',
    listing(all.filter(({ entries }) => entries.length === 0)),
  )
}

function listing(declared: readonly Declared[]): string {
  return `\`\`\`ts\n${declared.map(printed).join('\n\n')}\n\`\`\``
}

function printed({ node }: Declared): string {
  const printer = ts.createPrinter({ removeComments: true, newLine: ts.NewLineKind.LineFeed })
  return printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile())
}
