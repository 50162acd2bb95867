import { join } from 'node:path'
import { assertId, sessionName, type WorkspaceKey } from './workspace-key.js'

/** Where everything of one environment lives. Pure paths; nothing here touches the disk. */
export interface EnvironmentLayout {
  readonly directory: string
  /** The manager's own folder, out of the agents' way. */
  readonly managerDir: string
  readonly environmentFile: string
  readonly mirrorDir: string
  readonly archivesRepository: string
  readonly archivesDir: string
  readonly sessionsDir: string
  readonly locksDir: string
  /** The lock around what the whole environment shares. */
  readonly environmentLock: string
  /** Held over the network; no other lock is. */
  readonly fetchLock: string
  readonly trashDir: string
  /** The manager's own copies of the checkouts' indexes. */
  readonly indexesDir: string
  /** Short-lived files. */
  readonly scratchDir: string
  /** One line of JSON per event. */
  readonly auditFile: string
  readonly tasksDir: string
}

/** Where everything of one task lives. */
export interface TaskLayout {
  readonly rootDir: string
  readonly workDir: string
  readonly outputDir: string
  readonly logsDir: string
  readonly stateDir: string
  readonly gitConfigFile: string
  readonly credentialsFile: string
}

/** Names in a task's folder that belong to the manager; callers' task files may not use them. */
export const RESERVED_TASK_NAMES = [
  'workdir',
  '.gitconfig',
  '.git-credentials',
  '.agent_context',
  '.context-journal',
  '.gitignore',
] as const

/** The folder under the root that holds all environments. */
export const MANAGED_REPOS = 'managed-repos'

/** The folder of all environments. */
export function managedReposDir(root: string): string {
  return join(root, MANAGED_REPOS)
}

/** The leases of the processes that own sessions, for all environments. Its name is no possible environment id. */
export function ownersDir(root: string): string {
  return join(managedReposDir(root), '.git-task', 'owners')
}

export function environmentLayout(root: string, envId: string): EnvironmentLayout {
  const directory = join(managedReposDir(root), envId)
  const managerDir = join(directory, '.git-task')
  return {
    directory,
    managerDir,
    environmentFile: join(managerDir, 'environment.json'),
    mirrorDir: join(managerDir, 'mirror.git'),
    archivesRepository: join(managerDir, 'archives.git'),
    archivesDir: join(managerDir, 'archives'),
    sessionsDir: join(managerDir, 'sessions'),
    locksDir: join(managerDir, 'locks'),
    environmentLock: join(managerDir, 'locks', 'environment.lock'),
    fetchLock: join(managerDir, 'locks', 'fetch.lock'),
    trashDir: join(managerDir, 'trash'),
    indexesDir: join(managerDir, 'indexes'),
    scratchDir: join(managerDir, 'scratch'),
    auditFile: join(managerDir, 'audit.jsonl'),
    tasksDir: join(directory, 'tasks'),
  }
}

export function taskLayout(root: string, key: WorkspaceKey): TaskLayout {
  const rootDir = join(environmentLayout(root, key.envId).tasksDir, sessionName(key))
  return {
    rootDir,
    workDir: join(rootDir, 'workdir'),
    outputDir: join(rootDir, 'output'),
    logsDir: join(rootDir, 'logs'),
    stateDir: join(rootDir, 'state'),
    gitConfigFile: join(rootDir, '.gitconfig'),
    credentialsFile: join(rootDir, '.git-credentials'),
  }
}

/**
 * The folder of a task, or of the environment where no task is named (the place of a shared checkout).
 * Pure: it looks at nothing and creates nothing.
 *
 * @throws InputError ID_INVALID for an id that cannot be a folder name.
 * @example
 * managedRepoCheckoutPath('/srv/agents', 'shop') // => '/srv/agents/managed-repos/shop'
 * managedRepoCheckoutPath('/srv/agents', 'shop', 'task-42') // => '/srv/agents/managed-repos/shop/tasks/task-42'
 */
export function managedRepoCheckoutPath(
  root: string,
  envId: string,
  taskId?: string,
  runId?: string,
): string {
  assertId('envId', envId)
  if (taskId === undefined) return environmentLayout(root, envId).directory
  assertId('taskId', taskId)
  if (runId !== undefined) assertId('runId', runId)
  return taskLayout(root, { envId, taskId, runId }).rootDir
}
