import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { FLOORS } from '../architecture/house-rules.js'
import { repositoryRoot } from '../helpers/run-program.js'
import { documents } from './documents.js'
import { anchorsOf, codeSpans, referencesOf } from './references.js'

const all = documents()
const inRepository = (path: string) => join(repositoryRoot, path)
const tests = readdirSync(inRepository('test'), { recursive: true, encoding: 'utf8' }).map((path) =>
  path.replace(/\.test\.ts$/, ''),
)

test('every link leads to a file, and to a heading where it names one', () => {
  const references = all.flatMap(referencesOf)
  const broken = references.filter(
    ({ file, anchor }) =>
      !existsSync(inRepository(file)) || (anchor !== undefined && !anchorsOf(file).includes(anchor)),
  )
  expect(broken).toEqual([])
  expect(references.length).toBeGreaterThan(20)
})

test('every page of docs is reached from the README', () => {
  const reached = new Set(['README.md'])
  for (const file of reached)
    for (const reference of all.filter((document) => document.file === file).flatMap(referencesOf))
      reached.add(reference.file)
  const lonely = all.map(({ file }) => file).filter((file) => file.startsWith('docs/') && !reached.has(file))
  expect(lonely).toEqual([])
})

test('every npm script, program and file that a sentence says to run is there', () => {
  const manifest: { scripts: Record<string, string> } = JSON.parse(
    readFileSync(inRepository('package.json'), 'utf8'),
  )
  const spans = all.flatMap(({ text, blocks }) => [...codeSpans(text), ...blocks.map(({ code }) => code)])
  const named = (pattern: RegExp) =>
    spans.flatMap((span) => [...span.matchAll(pattern)].map(([, name = '']) => name))
  const scripts = named(/\bnpm run (?:--silent )?([\w-]+)/g)
  expect(scripts.filter((name) => manifest.scripts[name] === undefined)).toEqual([])
  expect(named(/\bnpx tsx (\S+\.ts)/g).filter((file) => !existsSync(inRepository(file)))).toEqual([])
  const verbs = readdirSync(inRepository('src/cli/commands')).map((file) => file.replace(/\.ts$/, ''))
  const unknown = named(/^(?:npx )?git[- ]task ([a-z]+)/gm).filter((verb) => !verbs.includes(verb))
  expect(unknown).toEqual([])
  const program = sourcesBelow('src/cli')
  const flags = named(/^(?:npx |\$ )*git[- ]task (.*)/gm).flatMap(
    (rest) => rest.match(/(?<=\s)--[a-z][a-z-]+/g) ?? [],
  )
  expect(flags.length).toBeGreaterThan(5)
  expect(flags.filter((flag) => !KNOWN_FLAGS.includes(flag) && !program.includes(flag))).toEqual([])
})

/** Those of every command line. */
const KNOWN_FLAGS = ['--help', '--version']

function sourcesBelow(folder: string): string {
  const names = readdirSync(inRepository(folder), { recursive: true, encoding: 'utf8' })
  const files = names.filter((name) => name.endsWith('.ts'))
  return files.map((name) => readFileSync(inRepository(join(folder, name)), 'utf8')).join('\n')
}

test('every test that a promise names is there', () => {
  for (const page of ['docs/guarantees.md', 'docs/security.md']) {
    const rows = all.find(({ file }) => file === page)?.text.match(/^\| (?!---).*\|$/gm) ?? []
    const cells = rows.map((row) => row.split(' | ').at(-1) ?? '').filter((cell) => /`[a-z]+\//.test(cell))
    expect(cells.length, page).toBeGreaterThan(5)
    expect(cells.flatMap(missingTests), page).toEqual([])
  }
})

test('every option of the manager and every environment variable is in its list', () => {
  const text = all.find(({ file }) => file === 'docs/options.md')?.text ?? ''
  const listed = new Set(
    [...text.matchAll(/^\|(?<names>[^|]+)\|/gm)].flatMap(([row]) => codeSpans(row.split('|')[1] ?? '')),
  )
  const source = (file: string) => readFileSync(inRepository(`src/model/${file}`), 'utf8')
  const fields = ['ManagerOptions', 'Limits'].flatMap((name) => {
    const body = new RegExp(`^export interface ${name} .*?^}`, 'ms').exec(
      `${source('options.ts')}${source('limits.ts')}`,
    )
    return [...(body?.[0] ?? '').matchAll(/^ {2}readonly (?<field>\w+)/gm)].map(([, field = '']) => field)
  })
  const variables = [...source('environment-options.ts').matchAll(/'((?:GIT_TASK|AGENTS_RUNNER)_[A-Z_]+)'/g)]
  const known = [...fields, ...variables.map(([, name = '']) => name)]
  expect(known.length).toBeGreaterThan(20)
  expect(known.filter((name) => !listed.has(name))).toEqual([])
})

test('every verb of the manager is in the README', () => {
  const text = all.find(({ file }) => file === 'README.md')?.text ?? ''
  const source = readFileSync(inRepository('src/manager.ts'), 'utf8')
  const verbs = [...source.matchAll(/^ {2}(?<verb>[a-z]\w+)[<(]/gm)].map(
    ({ groups }) => groups?.['verb'] ?? '',
  )
  const told = codeSpans(text).map((code) => code.replace(/\(.*/, ''))
  expect(verbs.length).toBeGreaterThan(15)
  // The rest of listening, and a path without any I/O, are left to the reference.
  const untold = ['once', 'off', 'checkoutPath']
  expect(verbs.filter((verb) => !told.includes(verb) && !untold.includes(verb))).toEqual([])
})

test('every variable of a task is in its list', () => {
  const text = all.find(({ file }) => file === 'docs/task-files.md')?.text ?? ''
  const source = readFileSync(inRepository('src/task-files/task-environment.ts'), 'utf8')
  const body = /^export function taskVariables.*?^}/ms.exec(source)?.[0] ?? ''
  const variables = [...body.matchAll(/\b[A-Z][A-Z_]{4,}\b/g)].map(([name]) => name)
  expect(variables.length).toBeGreaterThan(10)
  expect(variables.filter((name) => !codeSpans(text).includes(name))).toEqual([])
})

test('every room of the house is in its description', () => {
  const text = all.find(({ file }) => file === 'docs/architecture.md')?.text ?? ''
  const rooms = FLOORS.flat().map((room) => `src/${room}${room.endsWith('.ts') ? '' : '/'}`)
  expect(rooms.filter((room) => !codeSpans(text).includes(room))).toEqual([])
})

/** Names without a folder are in that of the name before; `…` stands for the rest of a name. */
function missingTests(cell: string): string[] {
  let folder = ''
  return codeSpans(cell).filter((name) => {
    if (name.startsWith('npm run ')) return false
    const slash = name.lastIndexOf('/')
    if (slash !== -1) folder = name.slice(0, slash + 1)
    const path = slash === -1 ? folder + name : name
    return !tests.some((file) => (/[…/]$/.test(path) ? file.startsWith(path.slice(0, -1)) : file === path))
  })
}
