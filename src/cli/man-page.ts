import type { Argument, Command, Option } from 'commander'
import { commandExamples } from './command-examples.js'

/** The manual page git-task(1) in the macros of man(7), of which every system's `man` knows the ones used here. */
export function manPage(program: Command): string {
  const commands = program.createHelp().visibleCommands(program).filter(isOwn)
  return [
    `.TH GIT\\-TASK 1 "" "git\\-task ${escaped(program.version() ?? '')}" "User Commands"`,
    '.SH NAME',
    'git\\-task \\- isolated git workspaces for agent tasks',
    ...section('SYNOPSIS', synopsis()),
    ...section('DESCRIPTION', DESCRIPTION.map(paragraph)),
    ...section('OPTIONS', [program.options.map(optionEntry).join('\n'), BOTH_PLACES]),
    ...section('COMMANDS', commands.map(commandEntry)),
    ...section(
      'EXIT STATUS',
      EXIT_CODES.map(([code, meaning]) => entry(code, meaning)),
    ),
    ...section(
      'ENVIRONMENT',
      VARIABLES.map(([name, meaning]) => entry(name, meaning)),
    ),
    ...section(
      'FILES',
      FILES.map(([path, meaning]) => entry(path, meaning)),
    ),
    ...section('SEE ALSO', ['.BR git (1),', '.BR git\\-worktree (1),', '.BR git\\-clone (1)']),
    '',
  ].join('\n')
}

const DESCRIPTION = [
  'Gives every task of an agent a workspace of its own: a clone or a worktree of a repository with a branch, a place ' +
    'for output and logs, and an environment for its processes. Work that exists nowhere else is archived before a ' +
    'workspace is removed, and can be restored.',
  'A workspace is named by its environment, which stands for one repository, and by its task; a retry of the same ' +
    'task has a run as well. With git on the PATH, "git task" and "git-task" are the same program.',
] as const

const BOTH_PLACES = '.PP\nThese may stand before the command and behind it.'

const EXIT_CODES = [
  ['0', 'It is done.'],
  ['1', 'It failed; with doctor: something is amiss.'],
  ['2', 'It cannot be asked like that: an unknown option, an invalid id, a root that may not be used.'],
  [
    '130, 143, 129',
    'Ctrl-C, SIGTERM or SIGHUP ended it: what was under way was taken back, what was done before stays.',
  ],
] as const

const VARIABLES = [
  ['GIT_TASK_ROOT', 'The folder that holds managed-repos/; --root goes before it.'],
  ['GIT_TASK_STRATEGY', 'The strategy of a prepare that names none.'],
  ['GIT_TASK_ON_UNSAVED_WORK', 'archive (default), refuse or discard.'],
  ['NO_COLOR', 'Where it is set and not empty, nothing is coloured.'],
] as const

const FILES = [
  [
    '<root>/managed-repos/<env>/tasks/<task>[@<run>]',
    'A workspace; its checkout is the folder workdir in it.',
  ],
  [
    '<root>/managed-repos/<env>/.git-task',
    'The mirror, archives, records and the audit log of an environment.',
  ],
] as const

function synopsis(): string[] {
  return [
    '.B git task\n[\\fB\\-\\-root\\fR \\fIdir\\fR] [\\fB\\-\\-json\\fR] \\fIcommand\\fR [\\fIarguments\\fR]',
  ]
}

function commandEntry(command: Command): string {
  const words = command.registeredArguments.map(argumentText)
  const options = command.options.filter(({ hidden }) => !hidden)
  const title = ['git task', command.name()].map((word) => `\\fB${escaped(word)}\\fR`)
  return [
    `.SS ${[...title, ...words, ...(options.length > 0 ? ['[options]'] : [])].join(' ')}`,
    sentence(command.description()),
    ...command.registeredArguments.map(argumentEntry),
    ...options.map(optionEntry),
    ...(commandExamples[command.name()] ?? []).map(exampleText),
  ].join('\n')
}

function argumentText(argument: Argument): string {
  const name = `\\fI${escaped(argument.name())}\\fR`
  return argument.required ? name : `[${name}]`
}

function argumentEntry(argument: Argument): string {
  return `.TP\n\\fI${escaped(argument.name())}\\fR\n${withChoices(argument.description, argument.argChoices)}`
}

function optionEntry({ flags, description, argChoices }: Option): string {
  return `.TP\n\\fB${escaped(flags)}\\fR\n${withChoices(description, argChoices)}`
}

function withChoices(description: string, choices: readonly string[] | undefined): string {
  return sentence(choices === undefined ? description : `${description}: ${choices.join(', ')}`)
}

function exampleText(example: string): string {
  return `.PP\n.RS 4\n.nf\n${escaped(`$ ${example}`)}\n.fi\n.RE`
}

function entry(name: string, meaning: string): string {
  return `.TP\n\\fB${escaped(name)}\\fR\n${escaped(meaning)}`
}

function section(title: string, parts: readonly string[]): string[] {
  return [`.SH ${title}`, ...parts]
}

function paragraph(text: string): string {
  return `.PP\n${escaped(text)}`
}

function sentence(text: string): string {
  return `${escaped(text.charAt(0).toUpperCase() + text.slice(1))}.`
}

/** A plain hyphen may become a dash, a backslash begins a command, and so does a dot at a line's beginning. */
function escaped(text: string): string {
  return text.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll("'", '\\(aq').replace(/^\./, '\\&.')
}

function isOwn(command: Command): boolean {
  return command.name() !== 'help'
}
