import ts from 'typescript'
import { ERROR_CODES, type ErrorCode } from '../../src/errors/error-code.js'
import { docCommentOf } from './doc-comment.js'
import { code, page, table } from './markdown.js'
import { nameOf, parseFile } from './source.js'

/** Every code by its class, with its meaning, its hint and whether to try again. */
export function errorsPage(): string {
  const classes = parseFile('src/errors/workspace-error.ts').statements.filter(ts.isClassDeclaration)
  const families = classes.flatMap((node) => familyOf(node) ?? [])
  return page(
    '# Errors',
    '<!-- Generated from src/errors/error-code.ts and workspace-error.ts by `npm run docs`. -->',
    INTRODUCTION,
    '## What every error has',
    table(['field', 'type', 'meaning'], fieldsOf(classes)),
    HINTS,
    ...families.flatMap(({ name, family, text }) => [`## \`${name}\``, text, codeTable(family)]),
  )
}

const INTRODUCTION = `\`\`\`ts
import { isWorkspaceError, WorkspaceManager } from 'git-task-isolation'

const manager = new WorkspaceManager({ root: '/srv/agents' })
try {
  await manager.prepare({ envId: 'shop', taskId: '../task' })
} catch (error) {
  if (!isWorkspaceError(error)) throw error
  console.log(error.code, error.retryable)
}
\`\`\`

\`\`\`text
ID_INVALID false
\`\`\`

Programs switch on \`code\`; messages are for people and may change. A class of its own stands for each family, so that
\`instanceof\` works too; \`isWorkspaceError\` and \`hasErrorCode\` also know an error that came from the package's other
build (ESM or CommonJS). A report is no error: \`action\` says what was done, for programs, and \`reason\` why, for people.`

const HINTS = `Hint and \`retryable\` are those of the tables below, but for the places that know better about the case at hand. No
secret is ever in a message, the data or a cause.`

interface Family {
  readonly name: string
  readonly family: string
  readonly text: string
}

/** Of `class InputError extends FamilyError<'input'>`: `InputError`, `input` and what its comment says. */
function familyOf(node: ts.ClassDeclaration): Family | undefined {
  const argument = node.heritageClauses?.[0]?.types[0]?.typeArguments?.[0]
  const isFamily = argument && ts.isLiteralTypeNode(argument) && ts.isStringLiteral(argument.literal)
  if (!isFamily || node.name === undefined) return undefined
  return { name: node.name.text, family: argument.literal.text, text: docCommentOf(node)?.text ?? '' }
}

function fieldsOf(classes: readonly ts.ClassDeclaration[]): string[][] {
  const base = classes.find(({ name }) => name?.text === 'WorkspaceError')
  const fields = base?.members.filter(ts.isPropertyDeclaration) ?? []
  const rows = fields.map((field) => [
    code(field.name.getText()),
    code(field.type?.getText() ?? ''),
    docCommentOf(field)?.text ?? '',
  ])
  return [
    [code('message'), code('string'), 'A short fact.'],
    ...rows,
    [code('cause'), code('unknown'), 'What it comes from.'],
  ]
}

function codeTable(family: string): string {
  const meanings = codeMeanings()
  const codes = Object.entries(ERROR_CODES).filter(([, facts]) => facts.family === family)
  return table(
    ['code', 'meaning', 'hint', 'try again'],
    codes.map(([name, facts]) => [
      code(name),
      meanings.get(name) ?? '',
      facts.hint,
      facts.retryable ? 'yes' : 'no',
    ]),
  )
}

/** @throws where a code has no doc comment. */
function codeMeanings(): ReadonlyMap<string, string> {
  const meanings = new Map<string, string>()
  const visit = (node: ts.Node): void => {
    if (ts.isPropertyAssignment(node) && isCode(nameOf(node))) {
      const text = docCommentOf(node)?.text
      if (!text) throw new Error(`the error code ${nameOf(node)} has no doc comment that says what it means`)
      meanings.set(nameOf(node), text)
    }
    ts.forEachChild(node, visit)
  }
  visit(parseFile('src/errors/error-code.ts'))
  return meanings
}

function isCode(name: string): name is ErrorCode {
  return name in ERROR_CODES
}
