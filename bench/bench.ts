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
  if (chosen.from !== undefined) return show(chosen, await readResults(chosen.from))
  await buildPackage()
  await withRunFolder(async (directory) => {
    await show(chosen, await measureAll(chosen, directory))
    say('removing what was made')
  })
}

async function measureAll({ command, plan }: Arguments, directory: string): Promise<Results> {
  return { command, machine: await thisMachine(), ...(await measure(directory, planRun(plan), say)) }
}

async function show({ save, docs }: Arguments, results: Results): Promise<void> {
  if (save !== undefined) await writeFile(save, `${JSON.stringify(results, null, 2)}\n`)
  if (docs !== undefined) await writeDocument(docs, results)
  console.log(report(results))
}

async function readResults(file: string): Promise<Results> {
  return schema.parse(JSON.parse(await readFile(file, 'utf8')))
}

function say(what: string): void {
  const seconds = Math.round(performance.now() / 1_000)
  process.stderr.write(`${String(seconds).padStart(5)} s  ${what}\n`)
}
