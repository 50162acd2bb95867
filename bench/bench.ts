// Measures our workspaces against what people do by hand, side by side in one run.
//
//   npm run bench                 everything; writes docs/performance.md and docs/performance.svg
//   npm run bench -- --quick      small repositories and few rounds; prints only
//   npm run bench -- --help       what can be chosen

import { readFile, writeFile } from 'node:fs/promises'
import { type Arguments, parseArguments, USAGE } from './arguments.js'
import { buildPackage } from './built-package.js'
import { writeDocument } from './document.js'
import { thisMachine } from './machine.js'
import { measure } from './measure.js'
import { planRun } from './plan.js'
import { report } from './report.js'
import { type Results, results as schema } from './results.js'
import { withRunFolder } from './run-folder.js'

const chosen = parseArguments(process.argv.slice(2))
if (chosen === 'help') console.log(USAGE)
else await bench(chosen)

async function bench(chosen: Arguments): Promise<void> {
  const results = chosen.from === undefined ? await measureAll(chosen) : await readResults(chosen.from)
  if (chosen.save !== undefined) await writeFile(chosen.save, `${JSON.stringify(results, null, 2)}\n`)
  if (chosen.docs !== undefined) await writeDocument(chosen.docs, results)
  console.log(report(results))
}

async function measureAll({ command, plan }: Arguments): Promise<Results> {
  await buildPackage()
  const machine = await thisMachine()
  const measured = await withRunFolder((directory) => measure(directory, planRun(plan), say))
  return { command, machine, ...measured }
}

async function readResults(file: string): Promise<Results> {
  return schema.parse(JSON.parse(await readFile(file, 'utf8')))
}

function say(what: string): void {
  const seconds = Math.round(performance.now() / 1_000)
  process.stderr.write(`${String(seconds).padStart(5)} s  ${what}\n`)
}
