import { type Command, InvalidArgumentError } from 'commander'
import type { RetentionPolicy, SweepReport } from 'git-task-isolation'
import { outputFormat, withManager } from '../open-manager.js'
import { decisionTable, formatBytes, printJson } from '../render.js'

interface SweepFlags extends RetentionPolicy {
  readonly dryRun?: boolean
}

/** `git-task sweep [env] [--dry-run] [--max-age-days <days>] …` */
export function addSweepCommand(program: Command): void {
  program
    .command('sweep')
    .description('remove what is old enough and what killed processes left, in one environment or in all')
    .argument('[env]', 'the environment')
    .option('--dry-run', 'say what would be done, and do nothing')
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
async function sweep(
  envId: string | undefined,
  { dryRun = false, keepFailed, ...limits }: SweepFlags,
  command: Command,
): Promise<void> {
  // Where the flag is not given the environment variables and their defaults count.
  const policy = { ...limits, ...(keepFailed === false && { keepFailed }) }
  const options = { ...policy, ...(envId !== undefined && { envId }), dryRun }
  const report = await withManager(command, (manager) => manager.sweep(options))
  if (outputFormat(command) === 'json') printJson(report)
  else printReport(report, dryRun ? 'plan' : 'act')
  if (report.failed > 0) process.exitCode = 1
}

function printReport(report: SweepReport, mode: 'plan' | 'act'): void {
  if (report.decisions.length > 0) console.log(decisionTable(report.decisions))
  const verb = mode === 'plan' ? 'to be removed' : 'removed'
  const freed = report.freedBytes > 0 ? `, ${formatBytes(report.freedBytes)} freed` : ''
  console.log(`${report.removed} ${verb}, ${report.kept} kept, ${report.failed} failed${freed}`)
}
