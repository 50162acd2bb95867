import { Argument, type Command } from 'commander'
import type { Outcome, SessionRecord, WorkspaceKey, WorkspaceManager } from 'git-task-isolation'
import { keyOf, missing } from '../find-workspace.js'
import { outputFormat, withManager } from '../open-manager.js'
import { printJson } from '../render.js'

/** `git-task finish <env> <task> <outcome> [--run ID]` */
export function addFinishCommand(program: Command): void {
  program
    .command('finish')
    .description('record how a task ended; its workspace stays until it is cleaned up or swept')
    .argument('<env>', 'the environment')
    .argument('<task>', 'the task')
    .addArgument(new Argument('<outcome>', 'how it ended').choices(['succeeded', 'failed', 'cancelled']))
    .option('--run <id>', 'the run, for a retry of the same task')
    .action((envId: string, taskId: string, outcome: Outcome, flags: { run?: string }, command: Command) =>
      finish({ envId, taskId, outcome, flags }, command),
    )
}

interface Call {
  readonly envId: string
  readonly taskId: string
  readonly outcome: Outcome
  readonly flags: { readonly run?: string }
}

async function finish({ envId, taskId, outcome, flags }: Call, command: Command): Promise<void> {
  const key = keyOf(envId, taskId, flags)
  const record = await withManager(command, (manager) => finishKnown(manager, key, outcome))
  if (outputFormat(command) === 'json') printJson(record)
  // The first outcome counts, which may not be this one.
  else console.log(`Finished ${record.workDir}\n  outcome ${record.outcome ?? '-'}`)
}

/** The library takes a late callback for what it is; whoever types a name that there is not is to be told. */
async function finishKnown(
  manager: WorkspaceManager,
  key: WorkspaceKey,
  outcome: Outcome,
): Promise<SessionRecord> {
  const sessions = await manager.list({ envId: key.envId })
  if (!sessions.some(({ taskId, runId }) => taskId === key.taskId && runId === key.runId)) throw missing(key)
  return manager.finish(key, outcome)
}
