import { type Command, Option } from 'commander'
import type { CleanupOptions, CleanupReport, WorkspaceManager } from 'git-task-isolation'
import { count } from '../amounts.js'
import { cleanUpListed, type Listed, listCleanups } from '../listed-cleanup.js'
import { outputFormat, withManager } from '../open-manager.js'
import { printJson } from '../render.js'
import { cleanupPlanTable, cleanupTable } from '../tables/cleanup-table.js'
import { followCleanups } from '../terminal/cleanup-progress.js'
import { canAsk, confirm } from '../terminal/confirm.js'
import { withProgress } from '../terminal/progress-line.js'
import { screenOf } from '../terminal/screen.js'
import { NotConfirmed, wrongUse } from '../wrong-use.js'

interface CleanupFlags {
  readonly run?: string
  readonly all?: true
  readonly yes?: true
  readonly dryRun?: true
  readonly keep?: 'nothing' | 'artifacts'
  readonly onUnsavedWork?: 'archive' | 'refuse' | 'discard'
  readonly outcome?: 'succeeded' | 'failed' | 'cancelled'
  readonly includeIgnored?: true
  readonly keepFailed: boolean
}

/** `git-task cleanup <env> <task>` and `git-task cleanup <env> --all` */
export function addCleanupCommand(program: Command): void {
  program
    .command('cleanup')
    .description('remove a workspace; work that exists nowhere else is archived first')
    .argument('<env>', 'the environment')
    .argument('[task]', 'the task')
    .option('--run <id>', 'the run, for a retry of the same task')
    .option('--all', 'every workspace of the environment; on a terminal it asks first')
    .option('--yes', 'with --all: do not ask; needed where there is no terminal')
    .option('--dry-run', 'say what would be done, and do nothing; no remote is asked')
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
    .option('--no-keep-failed', 'remove it although the task failed')
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
  const format = outputFormat(command)
  const consent = consentNeeded(call, command)
  const reports = await withManager(
    command,
    async (manager) => {
      const listed = consent === 'ask' ? await askFirst(manager, call) : undefined
      return withProgress(format, (progress) => {
        followCleanups(manager, progress, call.flags.dryRun ? 'looking' : 'removing')
        return listed ? cleanUpListed(manager, listed, optionsOf(call.flags)) : run(manager, call)
      })
    },
    { envId: call.flags.all && call.envId },
  )
  const table = call.flags.dryRun ? cleanupPlanTable : cleanupTable
  if (format === 'json') printJson(call.flags.all ? reports : reports[0])
  else console.log(reports.length === 0 ? 'No sessions.' : table(reports, screenOf(process.stdout)))
  if (reports.some(({ error }) => error !== undefined)) process.exitCode = 1
}

/** Whoever is not at a terminal, and whoever reads JSON, cannot be asked, and has to say it beforehand. */
function consentNeeded({ taskId, flags }: Call, command: Command): 'ask' | 'given' {
  const { all, yes, run, dryRun } = flags
  if (all && (taskId !== undefined || run !== undefined))
    throw wrongUse(command, '--all stands for every task: name none')
  if (!all && taskId === undefined) throw wrongUse(command, 'name a task, or add --all')
  if (!all || yes || dryRun) return 'given'
  if (outputFormat(command) === 'text' && canAsk()) return 'ask'
  throw wrongUse(command, '--all removes every workspace of the environment: add --yes to do it')
}

/** What a yes was said to: nobody was asked about what comes meanwhile. */
async function askFirst(manager: WorkspaceManager, { envId, flags }: Call): Promise<Listed[]> {
  const listed = await withProgress('text', (progress) => {
    progress.say(`looking into the workspaces of ${envId}`)
    return listCleanups(manager, envId, optionsOf(flags))
  })
  const plan = listed.map((each) => each.plan)
  const going = plan.filter(({ action }) => action === 'removed')
  if (going.length === 0) return listed
  console.error(cleanupPlanTable(plan, screenOf(process.stderr)))
  const question = `Remove ${count(going.length, 'workspace', 'workspaces')} of ${envId}?`
  if ((await confirm(question)) === 'no') throw new NotConfirmed()
  return listed
}

async function run(manager: WorkspaceManager, { envId, taskId, flags }: Call): Promise<CleanupReport[]> {
  const { run: runId, dryRun } = flags
  const options: CleanupOptions = { ...optionsOf(flags), dryRun }
  if (taskId === undefined) return manager.cleanupAll(envId, options)
  return [await manager.cleanup({ envId, taskId, ...(runId !== undefined && { runId }) }, options)]
}

function optionsOf({
  keep,
  onUnsavedWork,
  outcome,
  includeIgnored,
  keepFailed,
}: CleanupFlags): CleanupOptions {
  // Where the flag is not given the environment variable and its default count.
  return { keep, onUnsavedWork, outcome, includeIgnored, ...(!keepFailed && { keepFailed }) }
}
