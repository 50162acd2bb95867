import { STARTED_BY } from '../git/started-by.js'
import type { TaskLayout } from '../model/layout.js'
import type { SessionRecord } from '../model/session-record.js'

/**
 * Variables that git takes for "the current repository" (`git rev-parse --local-env-vars`). An orchestrator
 * that runs inside a git hook has some of them, and no child of it may work in that repository by mistake.
 */
const REPOSITORY_VARIABLES = [
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_COMMON_DIR',
  'GIT_CONFIG',
  'GIT_CONFIG_COUNT',
  'GIT_CONFIG_PARAMETERS',
  'GIT_DIR',
  'GIT_GRAFT_FILE',
  'GIT_IMPLICIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_INTERNAL_SUPER_PREFIX',
  'GIT_NAMESPACE',
  'GIT_NO_REPLACE_OBJECTS',
  'GIT_OBJECT_DIRECTORY',
  'GIT_PREFIX',
  'GIT_QUARANTINE_PATH',
  'GIT_REPLACE_REF_BASE',
  'GIT_SHALLOW_FILE',
  'GIT_WORK_TREE',
] as const

/** A hook has these from the commit it runs for, and git prefers them to any configuration. */
const IDENTITY_VARIABLES = [
  'GIT_AUTHOR_DATE',
  'GIT_AUTHOR_EMAIL',
  'GIT_AUTHOR_NAME',
  'GIT_COMMITTER_DATE',
  'GIT_COMMITTER_EMAIL',
  'GIT_COMMITTER_NAME',
] as const

/** Tasks have these or have them not. */
const OF_SOME_TASKS = ['RUN_ID', 'TASK_BRANCH', 'TASK_BASE_COMMIT', 'AGENT_NAME', 'TASK_CONTEXT_DIR'] as const

/** What a child process of the task needs; the same whoever asks, since it comes from the record alone. */
export function taskVariables(record: SessionRecord, layout: TaskLayout): Readonly<Record<string, string>> {
  return {
    TASK_WORKSPACE: record.workDir,
    TASK_ROOT: layout.rootDir,
    TASK_ID: record.taskId,
    ENV_ID: record.envId,
    ...present('RUN_ID', record.runId),
    ...present('TASK_BRANCH', record.branch),
    ...present('TASK_BASE_COMMIT', record.base?.commit),
    ...present('AGENT_NAME', record.agentName),
    TASK_STATE_DIR: layout.stateDir,
    TASK_OUTPUT_DIR: layout.outputDir,
    TASK_LOGS_DIR: layout.logsDir,
    ...present('TASK_CONTEXT_DIR', record.contextDir),
    GIT_CONFIG_GLOBAL: layout.gitConfigFile,
    GIT_TERMINAL_PROMPT: '0',
    // A task folder without a repository must not find one further up.
    GIT_CEILING_DIRECTORIES: layout.rootDir,
  }
}

/**
 * The task's variables, and `undefined` for every variable of another repository that this process was given:
 * spread over `process.env`, `child_process.spawn` then leaves those out. The same goes for an inherited identity
 * where the task has its own, or where it is a hook's; for what only another task has, in whose environment this
 * process runs; and for the mark of an outer orchestrator, at whose death the
 * child would be taken for an orphan of it.
 */
export function childEnvironment(
  record: SessionRecord,
  layout: TaskLayout,
  orchestrator: NodeJS.ProcessEnv,
): Readonly<Record<string, string>> {
  const given = (name: string): boolean => orchestrator[name] !== undefined
  const repository = REPOSITORY_VARIABLES.filter(given)
  const hasOtherIdentity = repository.length > 0 || record.identity !== undefined
  const identity = hasOtherIdentity ? IDENTITY_VARIABLES.filter(given) : []
  const marker = [STARTED_BY].filter(given)
  const outer = given('TASK_ROOT') ? OF_SOME_TASKS.filter(given) : []
  const names = [...repository, ...identity, ...marker, ...outer]
  const masks = Object.fromEntries(names.map((name) => [name, undefined]))
  return Object.freeze(Object.assign({}, masks, taskVariables(record, layout)))
}

function present(name: string, value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { [name]: value }
}
