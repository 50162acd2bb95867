import type { Command } from 'commander'
import type { WorkspaceManager } from 'git-task-isolation'
import { findWorkspace, keyOf } from '../find-workspace.js'
import { outputFormat, withManager } from '../open-manager.js'
import { printJson } from '../render.js'

interface PathFlags {
  readonly run?: string
  readonly workDir?: true
}

/** `git-task path <env> [task] [--run ID] [--work-dir]` */
export function addPathCommand(program: Command): void {
  program
    .command('path')
    .description('print the folder of a task, or of an environment, whether it is there or not')
    .argument('<env>', 'the environment')
    .argument('[task]', 'the task')
    .option('--run <id>', 'the run, for a retry of the same task')
    .option('--work-dir', 'the checkout of a task that is there, which is where its agent works')
    .action((envId: string, taskId: string | undefined, flags: PathFlags, command: Command) =>
      path({ envId, taskId, flags }, command),
    )
}

interface Call {
  readonly envId: string
  readonly taskId: string | undefined
  readonly flags: PathFlags
}

async function path(call: Call, command: Command): Promise<void> {
  const { taskId, flags } = call
  if (taskId === undefined && flags.run !== undefined) command.error('error: --run needs a task')
  if (taskId === undefined && flags.workDir) command.error('error: --work-dir needs a task')
  const found = await withManager(command, (manager) => find(manager, call))
  if (outputFormat(command) === 'json') printJson({ path: found })
  else console.log(found)
}

async function find(manager: WorkspaceManager, { envId, taskId, flags }: Call): Promise<string> {
  if (taskId === undefined || !flags.workDir) return manager.checkoutPath(envId, taskId, flags.run)
  return (await findWorkspace(manager, keyOf(envId, taskId, flags))).workDir
}
