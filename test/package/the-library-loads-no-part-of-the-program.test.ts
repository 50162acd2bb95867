import { readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'
import manifest from '../../package.json' with { type: 'json' }
import { repositoryRoot, runProgram } from '../helpers/run-program.js'

const LIBRARY = ['fs-extra', 'proper-lockfile', 'signal-exit', 'simple-git', 'zod']
/** env-paths is in the built files themselves. */
const PROGRAM = Object.keys(manifest.dependencies).filter((name) => ![...LIBRARY, 'env-paths'].includes(name))

test.each(['index.js', 'testing.js', 'index.cjs', 'testing.cjs'])(
  '%s can only load what it needs',
  (entry) => {
    const packages = packagesOf(entry)
    expect(LIBRARY).toEqual(expect.arrayContaining(packages))
    expect(packages).not.toEqual([])
  },
)

test('the index needs all of that, so nothing in the list is left over', () => {
  expect(packagesOf('index.js')).toEqual(LIBRARY)
})

test('the program does load its own libraries, so that the look would find them', () => {
  expect(PROGRAM).toContain('commander')
  expect(packagesOf('cli/main.js').filter((name) => PROGRAM.includes(name))).not.toEqual([])
})

test.each([
  ['import', () => ['--import', LOADER, '--input-type=module', '--eval', IMPORT]],
  ['require', () => ['--input-type=commonjs', '--eval', REQUIRE]],
])('a process that has got the library by %s has loaded nothing of the program', async (_kind, args) => {
  const loaded = await loadedBy(...args())
  expect(loaded).toEqual(expect.arrayContaining(LIBRARY))
  expect(loaded.filter((name) => PROGRAM.includes(name))).toEqual([])
})

const IMPORT = "await import('git-task-isolation'); await import('git-task-isolation/testing')"
const REQUIRE = `require('git-task-isolation'); require('git-task-isolation/testing')
  console.log(Object.keys(require.cache).join('\\n'))`

/** Names every module that is imported: hooks see what `import` finds, and what that requires. */
const LOADER = dataUrl(`import { register } from 'node:module'
register(${JSON.stringify(
  dataUrl(`import { writeSync } from 'node:fs'
export async function load(url, context, next) {
  writeSync(1, url + '\\n')
  return next(url, context)
}`),
)})`)

function dataUrl(code: string): string {
  return `data:text/javascript,${encodeURIComponent(code)}`
}

async function loadedBy(...args: readonly string[]): Promise<string[]> {
  const { code, stdout, stderr } = await runProgram(process.execPath, args)
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
  const packages = [...stdout.matchAll(/.*\/node_modules\/((?:@[^/\n]+\/)?[^/\n]+)/g)].map(
    ([, name]) => name ?? '',
  )
  return [...new Set(packages)].sort()
}

/** The packages that a built file imports anywhere, also in functions, with those of its own files it imports. */
function packagesOf(entry: string): string[] {
  const seen = new Set<string>()
  const packages = new Set<string>()
  const look = (file: string): void => {
    if (seen.has(file)) return
    seen.add(file)
    for (const specifier of specifiersIn(readFileSync(join(repositoryRoot, 'dist', file), 'utf8'))) {
      if (specifier.startsWith('.')) look(join(dirname(file), specifier))
      else if (!isBuiltIn(specifier)) packages.add(packageOf(specifier))
    }
  }
  look(entry)
  return [...packages].sort()
}

function specifiersIn(text: string): string[] {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName)
}

const isBuiltIn = (specifier: string) => builtinModules.includes(specifier.replace(/^node:/, ''))

const packageOf = (specifier: string) => /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier
