import type { Command } from 'commander'
import type { SweepDecision } from 'git-task-isolation'
import { outputFormat, withManager } from '../open-manager.js'
import { decisionTable, printJson } from '../render.js'

/** `git-task doctor [--fix]` */
export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('look for what killed processes left, and for what no record knows')
    .option('--fix', 'put right what can be put right without losing anything')
    .action(({ fix }: { fix?: true }, command: Command) => doctor(fix === true ? 'fix' : 'look', command))
}

/** What is merely old is a sweep's business. In days. */
const FOREVER = 1_000_000
const NO_AGE = { maxAgeDays: FOREVER, failedMaxAgeDays: FOREVER, archiveMaxAgeDays: FOREVER } as const

/** Exit code 1 while there is something left to be put right. */
async function doctor(mode: 'look' | 'fix', command: Command): Promise<void> {
  const { decisions } = await withManager(command, (manager) =>
    manager.sweep({ ...NO_AGE, dryRun: mode === 'look' }),
  )
  const findings = decisions.filter(isFinding)
  if (outputFormat(command) === 'json') printJson({ findings })
  else console.log(findings.length === 0 ? 'Nothing is amiss.' : decisionTable(findings))
  const left = findings.filter(
    ({ action, error }) => error !== undefined || (mode === 'look' && action === 'remove'),
  )
  if (left.length === 0) return
  if (mode === 'look' && outputFormat(command) === 'text')
    console.log('git-task doctor --fix puts right what can be.')
  process.exitCode = 1
}

/** Sessions that are as they should be are no findings. */
function isFinding({ action, attention }: SweepDecision): boolean {
  return action === 'remove' || attention === 'needed'
}
