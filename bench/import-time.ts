// Measures what importing the library costs against importing the packages that it needs, each time in a new process.
//
//   npm run bench:import
//   npm run bench:import -- --check    of what is built already, in fewer rounds; ends with 1 where the target is missed,
//                                      by the processor's time, which a busy machine changes little

import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { builtinModules } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs, promisify } from 'node:util'
import ts from 'typescript'
import { buildPackage } from './built-package.js'
import { markdownTable } from './markdown-table.js'
import { figure } from './number-format.js'
import { orderOfRound } from './round-order.js'
import { ratioOf, type Spread, spreadOf } from './statistics.js'

const TARGET = 1.5
const { values: flags } = parseArgs({ options: { check: { type: 'boolean' } } })
const rounds = flags.check ? 11 : 31
const ROOT = fileURLToPath(new URL('../', import.meta.url))

interface Contender {
  readonly name: string
  readonly modules: readonly string[]
  /** Milliseconds, round by round. */
  readonly elapsed: number[]
  /** The same of the processors, which a busy machine changes less. */
  readonly used: number[]
}

if (!flags.check) await buildPackage()
const library: Contender = { name: 'the library', modules: ['git-task-isolation'], elapsed: [], used: [] }
const dependencies = await packagesOf('index.js')
const packages: Contender = { name: 'its dependencies alone', modules: dependencies, elapsed: [], used: [] }
for (let round = 0; round < rounds; round += 1) {
  for (const contender of orderOfRound([library, packages], round)) await measure(contender)
}
console.log(
  markdownTable(
    ['imported', 'ms (quartiles)', '×', 'processor ms (quartiles)', '×'],
    [library, packages].map(row),
  ),
)
console.log(`\nTarget: below ${TARGET} ×. Rounds: ${rounds}, each import in a new process.`)
const { median } = comparedWith(library.used, packages.used)
if (flags.check && median > TARGET) {
  console.error(
    `importing the library costs ${figure(median)} × its dependencies alone; at most ${TARGET} × is the target`,
  )
  process.exitCode = 1
}

/** What a built file and those of its own files that it imports need, without what node has. */
async function packagesOf(file: string): Promise<string[]> {
  const text = await readFile(join(ROOT, 'dist', file), 'utf8')
  const imported = ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName)
  const own = imported.filter((name) => name.startsWith('./')).map((name) => packagesOf(name.slice(2)))
  const others = imported.filter((name) => !name.startsWith('./') && !builtinModules.includes(name))
  return [...new Set([...others, ...(await Promise.all(own)).flat()])]
}

/** As the process tells that imports. */
async function measure({ modules, elapsed, used }: Contender): Promise<void> {
  const code = `const [began, before] = [performance.now(), process.cpuUsage()]
    await Promise.all(${JSON.stringify(modules)}.map((name) => import(name)))
    const { user, system } = process.cpuUsage(before)
    console.log(performance.now() - began, (user + system) / 1_000)`
  const args = ['--input-type=module', '--eval', code]
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT })
  const [time = Number.NaN, processorTime = Number.NaN] = stdout.split(' ').map(Number)
  elapsed.push(time)
  used.push(processorTime)
}

function row({ name, elapsed, used }: Contender): string[] {
  return [name, ...figures(elapsed, packages.elapsed), ...figures(used, packages.used)]
}

function figures(times: readonly number[], reference: readonly number[]): [string, string] {
  const spread = spreadOf(times)
  if (spread === undefined) throw new Error('nothing was measured')
  const quartiles = `${figure(spread.lowerQuartile)}–${figure(spread.upperQuartile)}`
  return [`${figure(spread.median)} (${quartiles})`, figure(comparedWith(times, reference).median)]
}

function comparedWith(times: readonly number[], reference: readonly number[]): Spread {
  const ratio = ratioOf(times, reference)
  // A figure that is none would pass every comparison.
  if (ratio === undefined || Number.isNaN(ratio.median)) throw new Error('nothing was measured')
  return ratio
}
