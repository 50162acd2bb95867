import type { Argument, Command, Option } from 'commander'
import { visible } from '../terminal/visible-text.js'
import { type Candidate, type KnownNames, knownNames } from './known-names.js'
import { optionsOf, type ReadWords, readOption, readWords } from './read-words.js'

/** Folders are for the shell to complete. */
export type Candidates = readonly Candidate[] | 'folders'

/** What the last word may become, given those before it; the shell takes what begins as it does. */
export async function candidates(program: Command, words: readonly string[]): Promise<Candidates> {
  const found = await allCandidates(program, words)
  return found === 'folders' ? found : found.filter(isPlain).map(shown)
}

/** What a terminal would obey cannot be shown, and written otherwise it would be another name. */
function isPlain({ value }: Candidate): boolean {
  return visible(value) === value
}

function shown({ value, description }: Candidate): Candidate {
  return { value, description: visible(description) }
}

async function allCandidates(program: Command, words: readonly string[]): Promise<Candidates> {
  const plain = words.map(unquoted)
  const current = plain.at(-1) ?? ''
  const read = readWords(program, plain.slice(0, -1))
  if (read.awaiting !== undefined) return valuesOf(read.awaiting, read)
  if (current.startsWith('-')) return optionsOrTheirValues(program, read, current)
  if (read.command === undefined) return [...commandsOf(program), HELP]
  if (read.command === 'help') return read.arguments.length === 0 ? commandsOf(program) : []
  if (read.command === 'unknown') return []
  return argumentsOf(read.command.registeredArguments[read.arguments.length], read)
}

const HELP = { value: 'help', description: 'tell how a command is used' }

function commandsOf(program: Command): Candidate[] {
  const visible = program.createHelp().visibleCommands(program)
  return visible
    .filter((command) => command.name() !== 'help')
    .map((command) => ({ value: command.name(), description: command.description() }))
}

async function optionsOrTheirValues(program: Command, read: ReadWords, current: string): Promise<Candidates> {
  const { option, value } = readOption(program, read.command, current)
  if (option !== undefined && value !== undefined) {
    const values = await valuesOf(option, read)
    if (values === 'folders') return values
    return values.map((each) => ({ ...each, value: `${option.long}=${each.value}` }))
  }
  const options = optionsOf(program, read.command).map(({ long, description }) => ({
    value: long ?? '',
    description,
  }))
  return [...options, { value: '--help', description: HELP.description }]
}

async function valuesOf(option: Option, read: ReadWords): Promise<Candidates> {
  if (option.argChoices !== undefined) return option.argChoices.map((value) => ({ value, description: '' }))
  const name = option.name()
  if (name === 'root' || name === 'source') return 'folders'
  if (name === 'run') return (await names(read)).runs(read.arguments[0], read.arguments[1])
  if (name === 'archive') return (await names(read)).archives(read.arguments[0])
  return []
}

async function argumentsOf(argument: Argument | undefined, read: ReadWords): Promise<Candidates> {
  if (argument?.argChoices !== undefined)
    return argument.argChoices.map((value) => ({ value, description: '' }))
  const name = argument?.name()
  if (name === 'env') return (await names(read)).environments()
  if (name === 'task') return (await names(read)).tasks(read.arguments[0])
  return []
}

/** What is restored is looked for among the archives, anything else among the sessions. */
function names({ command, values }: ReadWords): Promise<KnownNames> {
  const among = typeof command === 'object' && command.name() === 'restore' ? 'archives' : 'sessions'
  return knownNames(values.get('root'), among)
}

/** A shell hands on words as they are typed. */
function unquoted(word: string): string {
  return word.replace(/^(['"])(.*?)\1?$/, '$2')
}
