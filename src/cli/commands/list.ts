import type { Command } from 'commander'
import type { SessionStatus, StatusLook } from 'git-task-isolation'
import { outputFormat, withManager } from '../open-manager.js'
import { printJson } from '../render.js'
import { sessionTable } from '../tables/session-table.js'
import { withProgress } from '../terminal/progress-line.js'
import { screenOf } from '../terminal/screen.js'

interface ListFlags {
  readonly unsaved?: true
  readonly size?: true
}

/** `git-task list [env] [--unsaved] [--size]` */
export function addListCommand(program: Command): void {
  program
    .command('list')
    .description('show the sessions, of one environment or of all')
    .argument('[env]', 'the environment')
    .option('--unsaved', 'look into each workspace for work that exists nowhere else; no remote is asked')
    .option('--size', 'measure what each workspace takes on the disk')
    .action((envId: string | undefined, flags: ListFlags, command: Command) => list(envId, flags, command))
}

async function list(envId: string | undefined, flags: ListFlags, command: Command): Promise<void> {
  const look = looksOf(flags)
  const sessions = await withManager(
    command,
    (manager) =>
      withProgress(outputFormat(command), async (progress) => {
        progress.say('reading the sessions')
        return manager.status({
          ...(envId !== undefined && { envId }),
          look,
          onProgress: ({ done, total }) => progress.say(`looked into ${done} of ${total} workspaces`),
        })
      }),
    { envId },
  )
  if (outputFormat(command) === 'json') return printJson(sessions)
  console.log(textOf(sessions, look))
}

function looksOf({ unsaved, size }: ListFlags): StatusLook[] {
  return [...(unsaved ? ['unsaved-work' as const] : []), ...(size ? ['size' as const] : [])]
}

function textOf(sessions: readonly SessionStatus[], look: readonly StatusLook[]): string {
  if (sessions.length === 0) return 'No sessions.'
  return sessionTable(sessions, look, new Date(), screenOf(process.stdout))
}
