import { cpSync, mkdtempSync, readdirSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { esbuild } from './bundle-program.js'
import { type ProgramOptions, type ProgramResult, repositoryRoot, runProgram } from './run-program.js'

let compiled: string | undefined

/** Runs an example with the package as it is built, which `npm test` has done before. */
export function runExample(
  file: string,
  args: readonly string[] = [],
  options: ProgramOptions = {},
): Promise<ProgramResult> {
  compiled ??= compileExamples()
  return runProgram(process.execPath, [join(compiled, file.replace(/\.ts$/, '.js')), ...args], options)
}

/**
 * All examples as plain node runs them, in a place that looks like this repository: a start takes half of what it takes
 * with tsx.
 */
function compileExamples(): string {
  // It goes with the folder of the run.
  const directory = mkdtempSync(join(tmpdir(), 'gti-examples-'))
  for (const name of ['package.json', 'dist', 'node_modules'])
    symlinkSync(join(repositoryRoot, name), join(directory, name))
  const examples = join(directory, 'examples')
  cpSync(join(repositoryRoot, 'examples'), examples, { recursive: true })
  const names = readdirSync(examples, { recursive: true, encoding: 'utf8' })
  const entryPoints = names.filter((name) => name.endsWith('.ts')).map((name) => join(examples, name))
  // Each beside its source, as imports say, and as scripts say that are started by their place.
  const options = { outdir: examples, outbase: examples, format: 'esm', target: 'node20', logLevel: 'error' }
  esbuild().buildSync({ entryPoints, ...options })
  return directory
}
