import type { Command } from 'commander'
import type { DiskUsageReport, EnvironmentUsage } from 'git-task-isolation'
import { outputFormat, withManager } from '../open-manager.js'
import { formatBytes, plainTable, printJson } from '../render.js'

/** `git-task usage [env]` */
export function addUsageCommand(program: Command): void {
  program
    .command('usage')
    .description('show what is taken on the disk, in one environment or in all')
    .argument('[env]', 'the environment')
    .action((envId: string | undefined, _options: unknown, command: Command) => usage(envId, command))
}

async function usage(envId: string | undefined, command: Command): Promise<void> {
  const report = await withManager(command, (manager) => manager.diskUsage(envId))
  if (outputFormat(command) === 'json') printJson(report)
  else console.log(report.environments.length === 0 ? 'There is nothing yet.' : usageTable(report))
}

interface Line {
  readonly envId: string
  readonly what: string
  readonly bytes: number
}

const BAR_WIDTH = 30

/** One line for each thing; the bars of all are of one scale. */
function usageTable({ environments, totalBytes }: DiskUsageReport): string {
  const table = plainTable(['ENV', 'WHAT', 'SIZE', ''])
  const lines = environments.flatMap(linesOf)
  const most = Math.max(1, ...lines.map(({ bytes }) => bytes))
  for (const { envId, what, bytes } of lines) table.push([envId, what, formatBytes(bytes), bar(bytes / most)])
  for (const { envId, totalBytes: own } of environments) table.push([envId, 'together', formatBytes(own), ''])
  if (environments.length > 1) table.push(['', 'in total', formatBytes(totalBytes), ''])
  return table.toString()
}

function linesOf({ envId, workspaces, ...usage }: EnvironmentUsage): Line[] {
  const tasks = workspaces.map(({ key, bytes }) => {
    const run = key.runId === undefined ? '' : ` --run ${key.runId}`
    return { envId, what: `${key.taskId}${run}`, bytes }
  })
  return [
    ...tasks.sort((one, other) => other.bytes - one.bytes),
    { envId, what: '(mirror)', bytes: usage.mirrorBytes },
    { envId, what: '(archives)', bytes: usage.archivesBytes },
    { envId, what: '(trash)', bytes: usage.trashBytes },
    { envId, what: '(records and logs)', bytes: usage.otherBytes },
  ]
}

function bar(share: number): string {
  return share === 0 ? '' : '█'.repeat(Math.max(1, Math.round(share * BAR_WIDTH)))
}
