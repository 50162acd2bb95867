import type { Command, Option } from 'commander'

/** What the words before the one that is being completed come to. */
export interface ReadWords {
  /** Undefined: none is named yet. */
  readonly command: Command | 'help' | 'unknown' | undefined
  readonly arguments: readonly string[]
  /** The values of options, by their names without dashes. */
  readonly values: ReadonlyMap<string, string>
  /** The option whose value comes next. */
  readonly awaiting: Option | undefined
}

/** Reads words as the program would, without minding what is wrong with them. */
export function readWords(program: Command, words: readonly string[]): ReadWords {
  const values = new Map<string, string>()
  const plain: string[] = []
  let command: ReadWords['command']
  let awaiting: Option | undefined
  let onlyArguments = false
  for (const word of words) {
    if (awaiting !== undefined) {
      values.set(awaiting.name(), word)
      awaiting = undefined
    } else if (onlyArguments || !word.startsWith('-')) {
      if (command === undefined) command = findCommand(program, word)
      else plain.push(word)
    } else if (word === '--') {
      onlyArguments = true
    } else {
      const { option, value } = readOption(program, command, word)
      if (option?.required && value === undefined) awaiting = option
      else if (option !== undefined) values.set(option.name(), value ?? '')
    }
  }
  return { command, arguments: plain, values, awaiting }
}

/** The option of a word like `--run` or `--run=1`, and the value in it. */
export function readOption(
  program: Command,
  command: ReadWords['command'],
  word: string,
): { readonly option: Option | undefined; readonly value: string | undefined } {
  const [name = '', ...rest] = word.split('=')
  const option = optionsOf(program, command).find(({ long, short }) => long === name || short === name)
  return { option, value: rest.length === 0 ? undefined : rest.join('=') }
}

/** Every option that may be written there, those of the whole program last. */
export function optionsOf(program: Command, command: ReadWords['command']): readonly Option[] {
  const own = typeof command === 'object' ? command.options : []
  return [...own, ...program.options].filter(({ hidden }) => !hidden)
}

function findCommand(program: Command, name: string): Command | 'help' | 'unknown' {
  if (name === 'help') return 'help'
  return program.commands.find((command) => command.name() === name) ?? 'unknown'
}
