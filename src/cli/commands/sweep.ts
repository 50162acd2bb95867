import { type Command, InvalidArgumentError } from 'commander'
import type {
  RetentionPolicy,
  SweepDecision,
  SweepKind,
  SweepOptions,
  SweepReport,
  WorkspaceManager,
} from 'git-task-isolation'
import { formatBytes } from '../amounts.js'
import { outputFormat, withManager } from '../open-manager.js'
import { printJson } from '../render.js'
import { nameOf } from '../shown-key.js'
import { decisionTable } from '../tables/decision-table.js'
import { followCleanups } from '../terminal/cleanup-progress.js'
import { canAsk, confirm } from '../terminal/confirm.js'
import { withProgress } from '../terminal/progress-line.js'
import { screenOf } from '../terminal/screen.js'
import { NotConfirmed, NotListed, wrongUse } from '../wrong-use.js'

interface SweepFlags extends RetentionPolicy {
  readonly dryRun?: boolean
  readonly yes?: true
}

/** `git-task sweep [env] [--dry-run] [--max-age-days <days>] …` */
export function addSweepCommand(program: Command): void {
  program
    .command('sweep')
    .description(
      'remove what is old enough and what killed processes left, in one environment or in all; on a terminal it asks first',
    )
    .argument('[env]', 'the environment')
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--yes', 'do not ask; without a terminal nobody is asked')
    .option(
      '--max-age-days <days>',
      'how long finished and abandoned workspaces are kept (default: 7)',
      number,
    )
    .option('--failed-max-age-days <days>', 'how long failed ones are kept (default: --max-age-days)', number)
    .option('--no-keep-failed', 'treat failed ones like all others')
    .option('--archive-max-age-days <days>', 'how long archives are kept (default: 30)', number)
    .option('--max-total-bytes <bytes>', 'above so many bytes the oldest finished ones go first', number)
    .action((envId: string | undefined, flags: SweepFlags, command: Command) => sweep(envId, flags, command))
}

function number(text: string): number {
  const value = text.trim() === '' ? Number.NaN : Number(text)
  if (Number.isFinite(value) && value >= 0) return value
  throw new InvalidArgumentError('It must be a number that is not negative.')
}

/** The exit code tells whether everything that was to be removed is gone. */
async function sweep(envId: string | undefined, flags: SweepFlags, command: Command): Promise<void> {
  const { dryRun = false, yes, keepFailed, ...limits } = flags
  const format = outputFormat(command)
  // Where the flag is not given the environment variables and their defaults count.
  const policy = { ...limits, ...(keepFailed === false && { keepFailed }) }
  const options: SweepOptions = { ...policy, ...(envId !== undefined && { envId }) }
  // A timer and a script are not to wait for an answer; who is at a terminal is to see what goes.
  const isToAsk = !dryRun && !yes && process.stdin.isTTY === true
  if (isToAsk && format === 'json') throw wrongUse(command, 'with --json nobody is asked: add --yes to do it')
  if (isToAsk && !canAsk())
    throw wrongUse(command, 'nobody is asked where stderr is no terminal: add --yes to do it')
  const report = await withManager(
    command,
    async (manager) => {
      if (isToAsk) await askFirst(manager, options)
      return withProgress(format, (progress) => {
        followCleanups(manager, progress, dryRun ? 'looking' : 'sweeping')
        return manager.sweep({ ...options, dryRun })
      })
    },
    { envId },
  )
  if (format === 'json') printJson(report)
  else printReport(report, dryRun ? 'plan' : 'act')
  if (report.failed > 0) process.exitCode = 1
}

/**
 * What a sweep keeps is not what is asked about.
 *
 * @throws StoppedError ABORTED at anything but a yes, and where more would go by then than was listed.
 */
async function askFirst(manager: WorkspaceManager, options: SweepOptions): Promise<void> {
  const listed = await planned(manager, options)
  if (listed.size === 0) return
  console.error(decisionTable([...listed.values()], screenOf(process.stderr)))
  const question = listed.size === 1 ? 'Remove this?' : `Remove these ${listed.size}?`
  if ((await confirm(question)) === 'no') throw new NotConfirmed()
  const now = await planned(manager, options)
  const others = [...now].filter(([name, { kind }]) => !listed.has(name) && !HOLDS_NO_WORK.includes(kind))
  if (others.length > 0)
    throw new NotListed(others.map(([, { key, path = '' }]) => (key ? nameOf(key) : path)))
}

/** Other calls make some all the time. */
const HOLDS_NO_WORK: readonly SweepKind[] = ['trash', 'temporary']

/** What would go, by what tells it from what may stand in its place later. */
async function planned(
  manager: WorkspaceManager,
  options: SweepOptions,
): Promise<ReadonlyMap<string, SweepDecision>> {
  return withProgress('text', async (progress) => {
    progress.say('looking')
    const sessions = await manager.list(options.envId === undefined ? {} : { envId: options.envId })
    const versions = new Map(
      sessions.map((session) => [nameOf(session), `${session.createdAt} ${session.updatedAt}`]),
    )
    const { decisions } = await manager.sweep({ ...options, dryRun: true })
    const going = decisions.filter(({ action }) => action === 'remove')
    return new Map(
      going.map((decision) => {
        const { kind, path, key } = decision
        return [JSON.stringify([kind, path, key, key && versions.get(nameOf(key))]), decision]
      }),
    )
  })
}

function printReport(report: SweepReport, mode: 'plan' | 'act'): void {
  if (report.decisions.length > 0) console.log(decisionTable(report.decisions, screenOf(process.stdout)))
  const verb = mode === 'plan' ? 'to be removed' : 'removed'
  const freed = report.freedBytes > 0 ? `, ${formatBytes(report.freedBytes)} freed` : ''
  const archived = report.archivedBytes > 0 ? `, ${formatBytes(report.archivedBytes)} archived` : ''
  console.log(`${report.removed} ${verb}, ${report.kept} kept, ${report.failed} failed${freed}${archived}`)
}
