import type { Command } from 'commander'
import { findWorkspace, keyOf } from '../find-workspace.js'
import { outputFormat, withManager } from '../open-manager.js'
import { printJson } from '../render.js'
import { shellLines } from '../shell-lines.js'

/** `eval "$(git-task env <env> <task> [--run ID])"` */
export function addEnvCommand(program: Command): void {
  program
    .command('env')
    .description('print what a shell evaluates to have the environment of a task')
    .argument('<env>', 'the environment')
    .argument('<task>', 'the task')
    .option('--run <id>', 'the run, for a retry of the same task')
    .action((envId: string, taskId: string, flags: { run?: string }, command: Command) =>
      env(envId, taskId, flags, command),
    )
}

async function env(envId: string, taskId: string, flags: { run?: string }, command: Command): Promise<void> {
  const key = keyOf(envId, taskId, flags)
  const workspace = await withManager(command, (manager) => findWorkspace(manager, key))
  // Undefined is what the shell has of another repository, and is to lose.
  const variables: Readonly<Record<string, string | undefined>> = workspace.env
  if (outputFormat(command) === 'json') printJson(orNull(variables))
  else process.stdout.write(shellLines(variables))
}

function orNull(variables: Readonly<Record<string, string | undefined>>): Record<string, string | null> {
  return Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, value ?? null]))
}
