import { type Command, Option } from 'commander'
import type { RefreshMode, RefreshReport } from 'git-task-isolation'
import { keyOf } from '../find-workspace.js'
import { outputFormat, withManager } from '../open-manager.js'
import { printJson } from '../render.js'
import { nameOf } from '../shown-key.js'
import { withProgress } from '../terminal/progress-line.js'

interface RefreshFlags {
  readonly run?: string
  readonly mode?: RefreshMode
}

/** `git-task refresh <env> <task> [--run ID] [--mode MODE]` */
export function addRefreshCommand(program: Command): void {
  program
    .command('refresh')
    .description('bring a workspace up to date with the branch it was made from')
    .argument('<env>', 'the environment')
    .argument('<task>', 'the task')
    .option('--run <id>', 'the run, for a retry of the same task')
    .addOption(
      new Option(
        '--mode <mode>',
        'move forward only (default), replay the commits of the task, or move there unless work would be lost',
      ).choices(['fast-forward', 'rebase', 'reset']),
    )
    .action((envId: string, taskId: string, flags: RefreshFlags, command: Command) =>
      refresh(envId, taskId, flags, command),
    )
}

async function refresh(envId: string, taskId: string, flags: RefreshFlags, command: Command): Promise<void> {
  const key = keyOf(envId, taskId, flags)
  const report = await withManager(command, (manager) =>
    withProgress(outputFormat(command), (progress) => {
      progress.say(`refreshing ${nameOf(key)}`)
      return manager.refresh(key, { mode: flags.mode })
    }),
  )
  if (outputFormat(command) === 'json') printJson(report)
  else print(report)
}

function print({ action, before, after, ref, mode, stale }: RefreshReport): void {
  const [from, to] = [before.slice(0, 12), after.slice(0, 12)]
  // The task's own commits are on top of what it is up to date with.
  if (action === 'up-to-date') console.log(`Up to date with ${ref}; HEAD is at ${to}`)
  else console.log(`Updated to ${ref} by ${mode}\n  before  ${from}\n  after   ${to}`)
  if (stale) console.log('  note    the remote could not be asked; this is what was known of it')
}
