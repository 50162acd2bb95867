import type { Command } from 'commander'
import { outputFormat, withManager } from '../open-manager.js'
import { printJson, sessionTable } from '../render.js'

/** `git-task list [env]` */
export function addListCommand(program: Command): void {
  program
    .command('list')
    .description('show the sessions, of one environment or of all')
    .argument('[env]', 'the environment')
    .action((envId: string | undefined, _options: unknown, command: Command) => list(envId, command))
}

async function list(envId: string | undefined, command: Command): Promise<void> {
  const records = await withManager(command, (manager) => manager.list(envId === undefined ? {} : { envId }))
  if (outputFormat(command) === 'json') printJson(records)
  else console.log(records.length === 0 ? 'No sessions.' : sessionTable(records, new Date()))
}
