import { type Command, InvalidArgumentError, Option } from 'commander'
import type { ObjectFilter, PrepareRequest, Workspace } from 'git-task-isolation'
import { outputFormat, withManager } from '../open-manager.js'
import { printJson } from '../render.js'
import { stepInWords } from '../terminal/progress-in-words.js'
import { withProgress } from '../terminal/progress-line.js'
import { visible } from '../terminal/visible-text.js'

interface PrepareFlags {
  readonly source?: string
  readonly strategy?: string
  readonly run?: string
  readonly base?: string
  readonly branch?: string
  readonly suffix?: true
  readonly agent?: string
  readonly objects?: 'borrowed' | 'own'
  readonly depth?: number
  readonly filter?: ObjectFilter
  readonly sparse?: readonly string[]
}

/** `git-task prepare <env> <task> --source … [--strategy …]` */
export function addPrepareCommand(program: Command): void {
  program
    .command('prepare')
    .description('give a task its workspace: the one it has, or a new one')
    .argument('<env>', 'the environment: one repository')
    .argument('<task>', 'the task')
    .option('--source <url or path>', 'the repository; without it a plain directory is made')
    .option('--strategy <name>', 'clone, worktree, directory or local')
    .option('--run <id>', 'the run, for a retry of the same task')
    .option('--base <ref>', 'branch, tag or commit to start from')
    .option('--branch <name>', 'the branch to create')
    .option('--suffix', 'where the branch is taken, take the next free name')
    .option('--agent <name>', 'the agent, which the branch is named after')
    .option('--depth <commits>', 'how many commits of history a clone sees', wholeNumber)
    .option('--filter <spec>', 'a partial mirror: blob:none, blob:limit=<bytes> or tree:0', filter)
    .option('--sparse <folder>', 'check out this folder only; may be given again', collect)
    .addOption(
      new Option('--objects <where>', 'whether a clone borrows from the mirror or needs nobody').choices([
        'borrowed',
        'own',
      ]),
    )
    .action((envId: string, taskId: string, flags: PrepareFlags, command: Command) =>
      prepare(toRequest(envId, taskId, flags), command),
    )
}

function toRequest(envId: string, taskId: string, flags: PrepareFlags): PrepareRequest {
  const { run, base, agent, suffix, ...same } = flags
  const onBranchTaken = suffix && 'suffix'
  return { envId, taskId, ...same, runId: run, baseRef: base, agentName: agent, onBranchTaken }
}

function wholeNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number.')
}

function filter(text: string): ObjectFilter {
  if (isFilter(text)) return text
  throw new InvalidArgumentError('It must be blob:none, blob:limit=<bytes> or tree:0.')
}

/** What follows the limit is looked at by the manager. */
function isFilter(text: string): text is ObjectFilter {
  return text === 'blob:none' || text === 'tree:0' || text.startsWith('blob:limit=')
}

function collect(folder: string, folders: readonly string[] = []): readonly string[] {
  return [...folders, folder]
}

async function prepare(request: PrepareRequest, command: Command): Promise<void> {
  await withManager(command, async (manager) => {
    const workspace = await withProgress(outputFormat(command), (progress) =>
      manager.prepare({ ...request, onProgress: (step) => progress.say(stepInWords(step)) }),
    )
    if (outputFormat(command) === 'json') printJson(facts(workspace))
    else print(workspace)
  })
}

function print({ reused, workDir, branch, base, notices }: Workspace): void {
  const facts = [
    ...(branch === undefined ? [] : [`branch  ${branch}`]),
    ...(base === undefined ? [] : [`base    ${base.ref} at ${base.commit.slice(0, 12)}`]),
    ...notices.map((notice) => `note    ${notice}`),
  ]
  console.log(`${reused ? 'Reused' : 'Prepared'} ${visible(workDir)}`)
  for (const fact of facts) console.log(`  ${visible(fact)}`)
}

function facts({ key, rootDir, workDir, strategy, branch, base, env, reused, notices }: Workspace): object {
  return { key, rootDir, workDir, strategy, branch, base, env, reused, notices }
}
