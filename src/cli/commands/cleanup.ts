import { type Command, CommanderError, Option } from 'commander'
import type { CleanupOptions, CleanupReport, WorkspaceManager } from 'git-task-isolation'
import { outputFormat, withManager } from '../open-manager.js'
import { cleanupTable, printJson } from '../render.js'

interface CleanupFlags {
  readonly run?: string
  readonly all?: true
  readonly yes?: true
  readonly keep?: 'nothing' | 'artifacts'
  readonly onUnsavedWork?: 'archive' | 'refuse' | 'discard'
  readonly outcome?: 'succeeded' | 'failed' | 'cancelled'
  readonly includeIgnored?: true
}

/** `git-task cleanup <env> <task>` and `git-task cleanup <env> --all --yes` */
export function addCleanupCommand(program: Command): void {
  program
    .command('cleanup')
    .description('remove a workspace; work that exists nowhere else is archived first')
    .argument('<env>', 'the environment')
    .argument('[task]', 'the task')
    .option('--run <id>', 'the run, for a retry of the same task')
    .option('--all', 'every workspace of the environment')
    .option('--yes', 'with --all: do it')
    .addOption(new Option('--keep <what>', 'what stays').choices(['nothing', 'artifacts']))
    .addOption(
      new Option('--on-unsaved-work <policy>', 'what happens to work that exists nowhere else').choices([
        'archive',
        'refuse',
        'discard',
      ]),
    )
    .addOption(
      new Option('--outcome <outcome>', 'how the task ended').choices(['succeeded', 'failed', 'cancelled']),
    )
    .option('--include-ignored', 'archive the files too that the repository ignores')
    .action((envId: string, taskId: string | undefined, flags: CleanupFlags, command: Command) =>
      cleanup({ envId, taskId, flags }, command),
    )
}

interface Call {
  readonly envId: string
  readonly taskId: string | undefined
  readonly flags: CleanupFlags
}

/** The exit code tells whether everything that was to be removed is out of the way. */
async function cleanup(call: Call, command: Command): Promise<void> {
  refuseWrongUse(call)
  const reports = await withManager(command, (manager) => run(manager, call))
  if (outputFormat(command) === 'json') printJson(call.flags.all ? reports : reports[0])
  else console.log(reports.length === 0 ? 'No sessions.' : cleanupTable(reports))
  if (reports.some(({ error }) => error !== undefined)) process.exitCode = 1
}

function refuseWrongUse({ taskId, flags: { all, yes, run } }: Call): void {
  if (all && (taskId !== undefined || run !== undefined))
    throw wrongUse('--all stands for every task: name none')
  if (all && !yes) throw wrongUse('--all removes every workspace of the environment: add --yes to do it')
  if (!all && taskId === undefined) throw wrongUse('name a task, or add --all')
}

function wrongUse(message: string): CommanderError {
  console.error(`error: ${message}`)
  return new CommanderError(2, 'git-task.cleanup', message)
}

async function run(manager: WorkspaceManager, { envId, taskId, flags }: Call): Promise<CleanupReport[]> {
  const { keep, onUnsavedWork, outcome, includeIgnored, run: runId } = flags
  const options: CleanupOptions = { keep, onUnsavedWork, outcome, includeIgnored }
  if (taskId === undefined) return manager.cleanupAll(envId, options)
  return [await manager.cleanup({ envId, taskId, ...(runId !== undefined && { runId }) }, options)]
}
