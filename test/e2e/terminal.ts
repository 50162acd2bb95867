import { spawn } from 'node:child_process'
import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { temporaryDirectory } from '../helpers/temporary.js'

export const PROGRAM = join(import.meta.dirname, '../../dist/cli/main.js')

/** script(1) of other systems has other options. */
export const hasTerminals = process.platform === 'linux'

export interface OnTerminal {
  readonly code: number | null
  /** All that was shown, escape codes included; both outputs of the program go to the terminal. */
  readonly shown: string
}

export interface TerminalOptions {
  readonly columns?: number
  readonly env?: NodeJS.ProcessEnv
  /** Whether it is asked for as `git task`: git finds the program on PATH, as where npm has installed it. */
  readonly through?: 'git'
  /** Where the program's second output goes instead. */
  readonly stderr?: string
  /** What is typed as soon as something has been shown, and what happens before it is. */
  readonly type?: {
    readonly after: string
    readonly keys: string
    readonly meanwhile?: () => Promise<unknown>
  }
}

export const CTRL_C = '\x03'
export const CTRL_D = '\x04'

/**
 * Runs the built program in a pseudo-terminal, as a person would: script(1) of util-linux makes one, and ends with the
 * program's own exit code.
 */
export async function onTerminal(
  args: readonly string[],
  { columns = 80, env = {}, through, stderr, type }: TerminalOptions = {},
): Promise<OnTerminal> {
  const start = through === 'git' ? ['git', 'task'] : [process.execPath, PROGRAM]
  const program = [...start, ...args].map(quoted).join(' ')
  const path = through === 'git' ? { PATH: `${await installed()}:${process.env['PATH']}` } : {}
  const command = `stty cols ${columns} rows 24; exec ${program}${stderr === undefined ? '' : ` 2>${quoted(stderr)}`}`
  // Whatever surrounds the test is no terminal's setting.
  const { NO_COLOR: _, FORCE_COLOR: __, ...rest } = process.env
  return new Promise((resolve, reject) => {
    const child = spawn('script', ['-qefc', command, '/dev/null'], {
      env: { ...rest, TERM: 'xterm-256color', SHELL: '/bin/sh', ...path, ...env },
    })
    let shown = ''
    let typed = type === undefined
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      shown += text
      if (typed || type === undefined || !shown.includes(type.after)) return
      typed = true
      const { keys, meanwhile = async () => undefined } = type
      meanwhile().then(() => child.stdin.write(keys), reject)
    })
    child.on('error', reject)
    child.on('close', (code) => {
      child.stdin.end()
      resolve({ code, shown })
    })
  })
}

/** A folder with the link that npm makes. */
async function installed(): Promise<string> {
  const folder = await temporaryDirectory()
  await symlink(PROGRAM, join(folder, 'git-task'))
  return folder
}

function quoted(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`
}

/** All that the program colours with, and nothing else that a terminal obeys. */
const COLOURS = [1, 2, 22, 31, 32, 33, 36, 39].map((code) => `\x1b[${code}m`)

/** What takes a line of progress away. */
const CLEAR = '\r\x1b[2K'

/** What is left to be seen, line by line: without colours, and without progress, which is gone by then. */
export function linesOf(shown: string): string[] {
  const plain = COLOURS.reduce((text, colour) => text.replaceAll(colour, ''), shown)
  const lines = plain.replaceAll('\r\n', '\n').split('\n')
  return lines.map((line) => line.split(CLEAR).at(-1) ?? '')
}
