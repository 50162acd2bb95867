import { Command } from 'commander'
import { examplesText } from './command-examples.js'
import { addArchivesCommand } from './commands/archives.js'
import { addAuditCommand } from './commands/audit.js'
import { addCleanupCommand } from './commands/cleanup.js'
import { addCompleteCommand, addCompletionCommand } from './commands/completion.js'
import { addDoctorCommand } from './commands/doctor.js'
import { addEnvCommand } from './commands/env.js'
import { addFinishCommand } from './commands/finish.js'
import { addListCommand } from './commands/list.js'
import { addPathCommand } from './commands/path.js'
import { addPrepareCommand } from './commands/prepare.js'
import { addRefreshCommand } from './commands/refresh.js'
import { addRestoreCommand } from './commands/restore.js'
import { addShowCommand } from './commands/show.js'
import { addSweepCommand } from './commands/sweep.js'
import { addUsageCommand } from './commands/usage.js'
import type { OutputFormat } from './render.js'
import { screenOf } from './terminal/screen.js'
import { visibleLines } from './terminal/visible-lines.js'
import { wrappedLines } from './terminal/wrap-text.js'
import { version } from './version.js'

/** In the order of a task's life. */
const COMMANDS = [
  addPrepareCommand,
  addListCommand,
  addShowCommand,
  addEnvCommand,
  addPathCommand,
  addRefreshCommand,
  addFinishCommand,
  addCleanupCommand,
  addSweepCommand,
  addArchivesCommand,
  addRestoreCommand,
  addUsageCommand,
  addAuditCommand,
  addDoctorCommand,
  addCompletionCommand,
  addCompleteCommand,
] as const

/** The whole program, not yet run. In JSON what is wrong is left for the caller to say. */
export function buildProgram(format: OutputFormat): Command {
  const program = new Command('git-task')
    .description('Isolated git workspaces for agent tasks.')
    .usage('[--root <dir>] [--json] <command> [arguments]')
    .version(version)
    .option(
      '--root <dir>',
      'the folder that holds managed-repos/ (default: GIT_TASK_ROOT, else the data directory)',
    )
    .option('--json', 'print JSON; errors too')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void process.stdout.write(wrappedLines(text, screenOf(process.stdout))),
      writeErr: (text) => {
        if (format === 'text') process.stderr.write(visibleLines(text))
      },
    })
    .showHelpAfterError('(git-task --help tells more)')
    .addHelpText(
      'after',
      '\nBoth options may also follow the command. git-task <command> --help has examples.',
    )
  // What is set above is handed on to each command when it is added.
  for (const add of COMMANDS) add(program)
  for (const command of program.commands) {
    command
      .showHelpAfterError(`(git-task ${command.name()} --help tells more)`)
      .addHelpText('after', () => examplesText(command.name()))
  }
  return program
}
