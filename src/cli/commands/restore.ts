import type { Command } from 'commander'
import type { Progress, RestoreOptions, RestoreTarget, Workspace } from 'git-task-isolation'
import { outputFormat, withManager } from '../open-manager.js'
import { printJson } from '../render.js'
import { stepInWords } from '../terminal/progress-in-words.js'
import { withProgress } from '../terminal/progress-line.js'
import { visible } from '../terminal/visible-text.js'

interface RestoreFlags {
  readonly run?: string
  readonly archive?: string
  readonly as?: string
  readonly asRun?: string
  readonly suffix?: true
}

/** `git-task restore <env> <task> [--run ID] [--archive ID] [--as TASK]` */
export function addRestoreCommand(program: Command): void {
  program
    .command('restore')
    .description('bring an archived workspace back; the archive stays')
    .argument('<env>', 'the environment')
    .argument('<task>', 'the task')
    .option('--run <id>', 'the run, for a retry of the same task')
    .option('--archive <id>', 'this archive instead of the newest one')
    .option('--as <task>', 'give the workspace to another task')
    .option('--as-run <id>', 'give it to this run')
    .option('--suffix', 'where the branch is taken, take the next free name')
    .action((envId: string, taskId: string, flags: RestoreFlags, command: Command) =>
      restore({ envId, taskId }, flags, command),
    )
}

async function restore(
  { envId, taskId }: { readonly envId: string; readonly taskId: string },
  flags: RestoreFlags,
  command: Command,
): Promise<void> {
  const { run, archive, as, asRun, suffix } = flags
  const key = run === undefined ? { envId, taskId } : { envId, taskId, runId: run }
  const target: RestoreTarget = archive === undefined ? key : { envId, archiveId: archive }
  // An archive may be another task's; who names a task means it.
  const place = archive === undefined ? {} : { taskId, runId: run }
  await withManager(command, async (manager) => {
    const options: RestoreOptions = {
      ...place,
      ...(as === undefined ? {} : { taskId: as }),
      ...(asRun === undefined ? {} : { runId: asRun }),
      onBranchTaken: suffix === undefined ? 'fail' : 'suffix',
    }
    const workspace = await withProgress(outputFormat(command), (progress) => {
      progress.say('restoring')
      const onProgress = (step: Progress): void => progress.say(stepInWords(step))
      return manager.restore(target, { ...options, onProgress })
    })
    if (outputFormat(command) === 'json') printJson(facts(workspace))
    else print(workspace)
  })
}

function print({ workDir, branch }: Workspace): void {
  console.log(`Restored ${visible(workDir)}`)
  if (branch !== undefined) console.log(`  branch  ${visible(branch)}`)
}

function facts({ key, rootDir, workDir, strategy, branch, base, env }: Workspace): object {
  return { key, rootDir, workDir, strategy, branch, base, env }
}
