import type { Command } from 'commander'
import type { SweepReport } from 'git-task-isolation'
import { outputFormat, withManager } from '../open-manager.js'
import { decisionTable, printJson } from '../render.js'

/** `git-task sweep [env] [--dry-run]` */
export function addSweepCommand(program: Command): void {
  program
    .command('sweep')
    .description('put right what killed processes left, in one environment or in all')
    .argument('[env]', 'the environment')
    .option('--dry-run', 'say what would be done, and do nothing')
    .action((envId: string | undefined, { dryRun }: { dryRun?: true }, command: Command) =>
      sweep(envId, dryRun === true ? 'plan' : 'act', command),
    )
}

/** The exit code tells whether everything that was to be removed is gone. */
async function sweep(envId: string | undefined, mode: 'plan' | 'act', command: Command): Promise<void> {
  const options = { ...(envId !== undefined && { envId }), dryRun: mode === 'plan' }
  const report = await withManager(command, (manager) => manager.sweep(options))
  if (outputFormat(command) === 'json') printJson(report)
  else printReport(report, mode)
  if (report.failed > 0) process.exitCode = 1
}

function printReport(report: SweepReport, mode: 'plan' | 'act'): void {
  if (report.decisions.length > 0) console.log(decisionTable(report.decisions))
  const verb = mode === 'plan' ? 'to be removed' : 'removed'
  console.log(`${report.removed} ${verb}, ${report.kept} kept, ${report.failed} failed`)
}
