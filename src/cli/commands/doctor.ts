import type { Command } from 'commander'
import { outputFormat, withManager } from '../open-manager.js'
import { printJson } from '../render.js'
import { findingsText } from '../tables/findings-text.js'
import { withProgress } from '../terminal/progress-line.js'
import { screenOf } from '../terminal/screen.js'

/** `git-task doctor [--fix]` */
export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('look at git, the file system, permissions, mirrors, and what killed processes left')
    .option('--fix', 'put right what can be put right without losing anything')
    .action(({ fix }: { fix?: true }, command: Command) => doctor(fix === true ? 'fix' : 'look', command))
}

/** Exit code 1 while there is something left to be put right. */
async function doctor(mode: 'look' | 'fix', command: Command): Promise<void> {
  const report = await withManager(command, (manager) =>
    withProgress(outputFormat(command), (progress) => {
      progress.say(mode === 'look' ? 'looking' : 'looking, and putting right what can be')
      return manager.doctor({ mode })
    }),
  )
  if (outputFormat(command) === 'json') printJson(report)
  else console.log(findingsText(report, rootOf(command), screenOf(process.stdout)))
  if (report.problems > 0) process.exitCode = 1
}

/** The commands that are told have to be about the same root. */
function rootOf(command: Command): string | undefined {
  return command.optsWithGlobals<{ root?: string }>().root
}
