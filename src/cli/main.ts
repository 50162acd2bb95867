import { Command, CommanderError } from 'commander'
import { isWorkspaceError } from 'git-task-isolation'
import { addArchivesCommand } from './commands/archives.js'
import { addCleanupCommand } from './commands/cleanup.js'
import { addDoctorCommand } from './commands/doctor.js'
import { addListCommand } from './commands/list.js'
import { addPrepareCommand } from './commands/prepare.js'
import { addRestoreCommand } from './commands/restore.js'
import { addSweepCommand } from './commands/sweep.js'
import { addUsageCommand } from './commands/usage.js'
import { exitCodeOf, printError } from './render.js'
import { version } from './version.js'

process.exitCode = await main(process.argv)

/** Exit codes: 0 done, 1 failed, 2 wrong use. */
async function main(argv: readonly string[]): Promise<number> {
  const program = buildProgram()
  try {
    await program.parseAsync(argv)
    return process.exitCode === 1 ? 1 : 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (!isWorkspaceError(error)) throw error
    printError(error, argv.includes('--json') ? 'json' : 'text')
    return exitCodeOf(error)
  }
}

function buildProgram(): Command {
  const program = new Command('git-task')
    .description('Isolated git workspaces for agent tasks.')
    .version(version)
    .option(
      '--root <dir>',
      'the folder that holds managed-repos/ (default: GIT_TASK_ROOT, else the data directory)',
    )
    .option('--json', 'print JSON')
    .exitOverride()
    .showHelpAfterError('(git-task --help tells more)')
  addPrepareCommand(program)
  addListCommand(program)
  addCleanupCommand(program)
  addSweepCommand(program)
  addArchivesCommand(program)
  addRestoreCommand(program)
  addUsageCommand(program)
  addDoctorCommand(program)
  for (const command of program.commands) command.exitOverride().copyInheritedSettings(program)
  return program
}
