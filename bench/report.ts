import { count } from './number-format.js'
import type { Machine, Results } from './results.js'
import {
  failuresTable,
  footprintTable,
  loadTable,
  probesTable,
  repositoriesTable,
  targetsTable,
  timesTable,
} from './tables.js'

const GIB = 1024 ** 3

/** All that a run found, as Markdown. */
export function report(results: Results): string {
  return [
    `\`${results.command}\` on ${machineLine(results.machine)}.`,
    ...section('### Targets', targetsTable(results)),
    ...section('### Repositories', results.repositories.length > 0 && repositoriesTable(results)),
    ...times(results),
    ...section('### Failures', failuresTable(results)),
    ...load(results),
    ...footprints(results),
    ...section('### Probes', results.probes.length > 0 && probesTable(results)),
  ].join('\n\n')
}

function machineLine({ processor, cores, memoryBytes, system, fileSystem, git, node }: Machine): string {
  const memory = `${Math.round(memoryBytes / GIB)} GiB of memory`
  return `${cores} cores (${processor}), ${memory}, ${system}, ${fileSystem}, git ${git}, Node.js ${node}`
}

function times(results: Results): string[] {
  const sizes = [...new Set(results.cells.map(({ files }) => files))]
  return sizes.flatMap((files) =>
    section(
      `### ${count(files)} files`,
      `Until the last task was ready: median (quartiles), and × \`git worktree add\`. ${roundsLine(results, files)}`,
      timesTable(results, files),
    ),
  )
}

function roundsLine({ cells }: Results, files: number): string {
  const rounds = cells
    .filter((cell) => cell.files === files)
    .map(({ tasks, contenders }) => `${contenders[0]?.milliseconds.length ?? 0} for ${tasks}`)
  return `Rounds: ${rounds.join(', ')}.`
}

function load({ loads, ...rest }: Results): string[] {
  const [first] = loads
  if (first === undefined) return []
  return section(
    `### The orchestrator while ${first.tasks} prepare, ${count(first.files)} files`,
    `A process that does nothing else; median of ${first.runs.length} such processes.`,
    loadTable({ loads, ...rest }),
  )
}

function footprints(results: Results): string[] {
  const sizes = [...new Set(results.footprints.map(({ files }) => files))]
  return sizes.flatMap((files) =>
    section(`### What a task takes, ${count(files)} files`, footprintTable(results, files)),
  )
}

/** Nothing at all where one part is missing. */
function section(...parts: ReadonlyArray<string | false | undefined>): string[] {
  const present = parts.filter((part) => part !== false && part !== undefined)
  return present.length === parts.length ? present : []
}
