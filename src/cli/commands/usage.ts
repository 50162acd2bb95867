import type { Command } from 'commander'
import { outputFormat, withManager } from '../open-manager.js'
import { printJson } from '../render.js'
import { usageTable } from '../tables/usage-table.js'
import { withProgress } from '../terminal/progress-line.js'
import { screenOf } from '../terminal/screen.js'

/** `git-task usage [env]` */
export function addUsageCommand(program: Command): void {
  program
    .command('usage')
    .description('show what is taken on the disk, in one environment or in all')
    .argument('[env]', 'the environment')
    .action((envId: string | undefined, _options: unknown, command: Command) => usage(envId, command))
}

async function usage(envId: string | undefined, command: Command): Promise<void> {
  const report = await withManager(
    command,
    (manager) =>
      withProgress(outputFormat(command), (progress) => {
        progress.say(`measuring ${envId ?? 'all environments'}`)
        return manager.diskUsage(envId)
      }),
    { envId },
  )
  if (outputFormat(command) === 'json') return printJson(report)
  if (report.environments.length === 0) return console.log('There is nothing yet.')
  console.log(usageTable(report, screenOf(process.stdout)))
}
