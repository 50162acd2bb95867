import type { Command } from 'commander'
import { outputFormat, withManager } from '../open-manager.js'
import { printJson } from '../render.js'
import { archiveTable } from '../tables/archive-table.js'
import { screenOf } from '../terminal/screen.js'

/** `git-task archives [env]` */
export function addArchivesCommand(program: Command): void {
  program
    .command('archives')
    .description('show what was archived of workspaces that are gone, of one environment or of all')
    .argument('[env]', 'the environment')
    .action((envId: string | undefined, _options: unknown, command: Command) => archives(envId, command))
}

async function archives(envId: string | undefined, command: Command): Promise<void> {
  const records = await withManager(command, (manager) => manager.archives({ envId }), { envId })
  if (outputFormat(command) === 'json') return printJson(records)
  if (records.length === 0) return console.log('No archives.')
  console.log(archiveTable(records, new Date(), screenOf(process.stdout)))
}
