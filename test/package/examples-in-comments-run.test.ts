import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'
import { builtDeclarations } from '../../scripts/reference/declarations.js'
import { readerOptions } from '../helpers/reader-compiler.js'
import { repositoryRoot, runProgram } from '../helpers/run-program.js'
import { temporaryDirectory } from '../helpers/temporary.js'
import { createUpstream } from '../helpers/upstream.js'
import { type Example, examplesIn, moduleOf } from './example-module.js'

test('every example in a doc comment compiles and says the truth', async () => {
  const directory = await temporaryDirectory()
  const examples = [...examplesIn(builtDeclarations()), BROKEN]
  const files = await writeModules(directory, examples)
  expect(compile(directory, files)).toEqual([])
  const result = await runProgram(process.execPath, ['run.mjs', ...files.keys()], { cwd: directory })
  const failures = new Map<string, string>(
    JSON.parse(await readFile(join(directory, 'failures.json'), 'utf8')),
  )
  const [broken, ...others] = [...failures]
    .map(([file, failure]) => `${files.get(file)?.place}: ${failure}`)
    .reverse()
  expect(others).toEqual([])
  expect(broken).toMatch(/^the control: .*'main'.*'not main'/s)
  expect(result).toMatchObject({ code: 0, stdout: expect.stringContaining('# fail 0') })
}, 120_000)

/** Shows that an untrue example is noticed. */
const BROKEN: Example = { place: 'the control', code: "workspace.base?.ref // => 'not main'" }

async function writeModules(directory: string, examples: readonly Example[]): Promise<Map<string, Example>> {
  const packages = join(directory, 'node_modules')
  await mkdir(packages)
  await symlink(repositoryRoot, join(packages, 'git-task-isolation'))
  await symlink(join(repositoryRoot, 'node_modules/@types'), join(packages, '@types'))
  const root = join(directory, 'root')
  const { url } = await createUpstream(join(directory, 'upstream.git'), { files: { 'docs/a.md': 'one\n' } })
  await writeFile(
    join(directory, 'given.mts'),
    GIVEN.replace('SOURCE', JSON.stringify(url)).replace('ROOT', JSON.stringify(root)),
  )
  await writeFile(join(directory, 'run.mjs'), RUN)
  const exports = builtDeclarations().flatMap(({ name, entries }) =>
    entries.includes('git-task-isolation') ? [name] : [],
  )
  const files = new Map<string, Example>()
  for (const [index, example] of examples.entries()) {
    const place = { root, source: url, exports }
    await writeFile(join(directory, `example-${index}.mts`), moduleOf(example, place))
    files.set(`./example-${index}.mjs`, example)
  }
  return files
}

const GIVEN = `import { deepStrictEqual } from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { WorkspaceManager } from 'git-task-isolation'

// Most of what an example costs is its workspace: the next one takes it as well, unless it was changed.
const settings = { root: ROOT, freshness: { mode: 'prefer', maxAgeMs: 600_000 } } as const
const keeper = new WorkspaceManager(settings)

export async function given() {
  const manager = new WorkspaceManager(settings)
  const source = SOURCE
  const key = { envId: 'shop', taskId: 'task-42' }
  const workspace = await manager.prepare({ ...key, source })
  await writeFile(workspace.workDir + '/notes.md', 'found it')
  return { manager, source, key, workspace }
}

export function same(actual: unknown, expected: unknown): void {
  deepStrictEqual(actual, expected)
}

/** Takes away what the next example is not to find. */
export async function end(): Promise<void> {
  for (const record of await keeper.list()) {
    const isAsGiven = record.taskId === 'task-42' && record.runId === undefined && record.state === 'ready'
    if (!isAsGiven) await keeper.cleanup(record, { onUnsavedWork: 'discard' })
  }
}
`

const RUN = `import { writeFileSync } from 'node:fs'
import { end } from './given.mjs'

const failures = []
for (const file of process.argv.slice(2)) {
  try {
    const { run } = await import(file)
    await run()
  } catch (error) {
    failures.push([file, String(error?.stack ?? error)])
  }
  await end()
}
writeFileSync('failures.json', JSON.stringify(failures))
`

const OPTIONS: ts.CompilerOptions = { ...readerOptions, exactOptionalPropertyTypes: true }

/** Compiles the modules in place; answers what the compiler has to say, by the example it is about. */
function compile(directory: string, files: ReadonlyMap<string, Example>): string[] {
  const names = [...files.keys()].map((file) => join(directory, file.replace('.mjs', '.mts')))
  const typeRoots = [join(directory, 'node_modules/@types')]
  const program = ts.createProgram([join(directory, 'given.mts'), ...names], { ...OPTIONS, typeRoots })
  const problems = ts.getPreEmitDiagnostics(program).map(({ file, messageText }) => {
    const name = `./${file?.fileName.split('/').at(-1)?.replace('.mts', '.mjs')}`
    return `${files.get(name)?.place ?? name}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`
  })
  program.emit()
  return problems
}
