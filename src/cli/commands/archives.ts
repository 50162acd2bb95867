import type { Command } from 'commander'
import { outputFormat, withManager } from '../open-manager.js'
import { archiveTable, printJson } from '../render.js'

/** `git-task archives [env]` */
export function addArchivesCommand(program: Command): void {
  program
    .command('archives')
    .description('show what was archived of workspaces that are gone, of one environment or of all')
    .argument('[env]', 'the environment')
    .action((envId: string | undefined, _options: unknown, command: Command) => archives(envId, command))
}

async function archives(envId: string | undefined, command: Command): Promise<void> {
  const records = await withManager(command, (manager) => manager.archives({ envId }))
  if (outputFormat(command) === 'json') printJson(records)
  else console.log(records.length === 0 ? 'No archives.' : archiveTable(records, new Date()))
}
