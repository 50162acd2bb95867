import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from 'commander'
import { expect, it } from 'vitest'
import { commandExamples } from '../../src/cli/command-examples.js'
import { manPage } from '../../src/cli/man-page.js'
import { buildProgram } from '../../src/cli/program.js'
import { repositoryRoot } from '../helpers/run-program.js'

const PAGE = join(repositoryRoot, 'dist/git-task.1')

function commands(program: Command): Command[] {
  return program
    .createHelp()
    .visibleCommands(program)
    .filter((command) => command.name() !== 'help')
}

it('the help of every command ends with examples that the program takes', async () => {
  const names = commands(buildProgram('json')).map((command) => command.name())
  expect(Object.keys(commandExamples).sort()).toEqual([...names].sort())
  for (const name of names) {
    const [first = ''] = commandExamples[name] ?? []
    expect(await helpOf(name)).toContain(`  $ ${first}`)
  }
  for (const example of Object.values(commandExamples).flat()) expect(await taken(example)).toBe(example)
})

/** The example as its command is given it, without running it. */
async function taken(example: string): Promise<string> {
  const program = buildProgram('json')
  let ran = 'no command ran'
  for (const command of program.commands) {
    command.action(() => {
      ran = example
    })
  }
  const [, words = ''] = /git[ -]task ([^|")]*)/.exec(example) ?? []
  await program.parseAsync(words.trim().split(' '), { from: 'user' })
  return ran
}

async function helpOf(name: string): Promise<string> {
  let help = ''
  const program = buildProgram('json')
  const command = program.commands.find((each) => each.name() === name)
  const writeOut = (text: string): void => {
    help += text
  }
  command?.configureOutput({ writeOut })
  await expect(program.parseAsync([name, '--help'], { from: 'user' })).rejects.toMatchObject({ exitCode: 0 })
  return help
}

it('the manual page is the one of this program, and names each command, argument and option', async () => {
  const page = await readFile(PAGE, 'utf8')
  const program = buildProgram('json')
  // Otherwise: npm run build.
  expect(page).toBe(manPage(program))
  const plain = page.replaceAll('\\-', '-').replaceAll(/\\f[BIR]/g, '')
  for (const command of commands(program)) {
    const entry =
      new RegExp(`^\\.SS git task ${command.name()}\\b[^]*?(?=^\\.S[HS] )`, 'm').exec(plain)?.[0] ?? ''
    const names = [
      ...command.registeredArguments.map((each) => each.name()),
      ...command.options.map(({ flags }) => flags),
    ]
    for (const name of names) expect(entry).toContain(`.TP\n${name}\n`)
    expect(entry).toContain('.nf\n$ ')
  }
  expect(plain).not.toContain('__complete')
})

it('docs/cli.md has every command, with all of its options', async () => {
  const text = await readFile(join(repositoryRoot, 'docs/cli.md'), 'utf8')
  for (const command of commands(buildProgram('json'))) {
    const section = new RegExp(`^## \`${command.name()}\\b[^]*?(?=^## |(?![^]))`, 'm').exec(text)?.[0] ?? ''
    expect(section, command.name()).toContain('--json')
    for (const { long } of command.options)
      expect(section, command.name()).toContain(long?.replace('--no-', ''))
  }
})
