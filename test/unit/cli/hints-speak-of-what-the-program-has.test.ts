import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ERROR_CODES } from 'git-task-isolation'
import { expect, it } from 'vitest'
import { hintOf } from '../../../src/cli/hint-words.js'
import { buildProgram } from '../../../src/cli/program.js'
import { repositoryRoot } from '../../helpers/run-program.js'

/** A text in quotes, or several put together, behind the word `hint`. */
const HINT = /\bhint\b\s*[:=]\s*((?:(['"`])(?:\\.|(?!\2)[^\\])*\2[\s+]*)+)/g
const TEXT = /(['"`])((?:\\.|(?!\1)[^\\])*)\1/g

/** Every hint of the library: those of the codes, and those that single places give. */
function allHints(): string[] {
  const src = join(repositoryRoot, 'src')
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  const texts = files
    .filter((file) => file.endsWith('.ts') && !file.startsWith('cli'))
    .map((file) => readFileSync(join(src, file), 'utf8'))
  const given = texts.flatMap((text) => [...text.matchAll(HINT)].map(([, quoted = '']) => joined(quoted)))
  return [...given, ...Object.values(ERROR_CODES).map(({ hint }) => hint)]
}

function joined(quoted: string): string {
  const text = [...quoted.matchAll(TEXT)].map(([, , part = '']) => part).join('')
  return text.replaceAll(/\$\{field\}/g, 'depth').replaceAll('\\`', '`')
}

/** What only the library has: `onUnsavedWork`, `archives()`, 'suffix', `source`. */
const OF_THE_LIBRARY =
  /\b[a-z]+[A-Z]\w*|\w\(\)|'(?!reftable)[a-z]+'|`(?!objects)[a-z]+`|\bfreshness\b|error data/

it('none names an option or a method that only the library has', () => {
  const hints = allHints()
  expect(hints.length).toBeGreaterThan(70)
  const control = hints.filter((hint) => OF_THE_LIBRARY.test(hint))
  expect(control.length).toBeGreaterThan(20)
  const words = hints.map((hint) => hintOf({ hint })).map((hint) => hint.replaceAll(/\$\{\w+\}/g, 'x'))
  expect(words.filter((hint) => OF_THE_LIBRARY.test(hint))).toEqual([])
})

it('what they name instead is there', () => {
  const program = buildProgram('text')
  const known = program.commands.flatMap((command) => [
    `git task ${command.name()}`,
    ...command.options.map(({ long }) => long),
  ])
  const named = allHints().flatMap((hint) => hintOf({ hint }).match(/--[a-z][a-z-]+|git task \w+/g) ?? [])
  const others = ['--root', '--json', '--help', '--branch', '--ref-format']
  expect(named.filter((name) => ![...known, ...others].includes(name))).toEqual([])
})
