import { join } from 'node:path'
import { allOrFirstFailure } from '../../errors/first-failure.js'
import type { Git } from '../../git/git.js'
import { managedReposDir, taskLayout } from '../../model/layout.js'
import type { PrepareSettings } from '../../model/prepare-request.js'
import type { SessionRecord, Tree } from '../../model/session-record.js'
import type { Strategy } from '../../strategies/strategy.js'
import { writeContextFolder } from '../../task-files/context-folder.js'
import { restoreBefore } from '../../task-files/context-journal.js'
import { CONTEXT_FOLDER } from '../../task-files/issue-context.js'
import { writeCallerFiles, writeGitFiles } from '../../task-files/task-files.js'
import type { Services } from '../services.js'

/** What both kinds of task files are written for. */
export interface TaskFilesRequest {
  readonly settings: PrepareSettings
  readonly strategy: Strategy
  readonly record: SessionRecord
  readonly tree: Tree
}

/**
 * Writes everything that a task finds beside its checkout and in it; answers with the folder of its context, which is
 * left as it is where it is known already.
 */
export async function writeTaskFiles(
  services: Services,
  request: TaskFilesRequest,
  keptContextDir: string | undefined,
): Promise<string> {
  const { settings } = request
  const layout = taskLayout(services.settings.root, settings.key)
  const contextDir =
    keptContextDir === undefined ? writeContext(services, request) : Promise.resolve(keptContextDir)
  const others = [writeGitSettings(services, request), writeCallerFiles(layout, settings.taskFiles)]
  await allOrFirstFailure<unknown>([contextDir, ...others])
  return contextDir
}

/** Writes what gives the task's git an identity, its credentials and its settings. */
async function writeGitSettings(services: Services, request: TaskFilesRequest): Promise<void> {
  const { settings, strategy, record, tree } = request
  await writeGitFiles({
    managedRepos: managedReposDir(services.settings.root),
    layout: taskLayout(services.settings.root, settings.key),
    workDir: record.workDir,
    repositoryDir: strategy.traits.sharesRefs ? tree.gitDir : undefined,
    sparse: strategy.traits.sharesRefs && record.shape?.sparse !== undefined ? 'on' : 'off',
    settings: {
      ...settings,
      identity: settings.identity ?? record.identity,
      agentName: settings.agentName ?? record.agentName,
    },
    orchestrator: services.orchestrator,
  })
}

/** Writes what tells the agent its task; answers with the folder it is in. */
function writeContext(services: Services, request: TaskFilesRequest): Promise<string> {
  const { settings, strategy, record } = request
  return writeContextFolder({
    context: settings.context ?? {},
    rootDir: taskLayout(services.settings.root, settings.key).rootDir,
    workDir: record.workDir,
    folderOwner: strategy.traits.ownsDirectory ? 'manager' : 'caller',
    knownContextDir: record.contextDir,
    isTracked: () => isContextTracked(services.git, record.workDir),
  })
}

/** Puts the caller's own folder back as it was before the context was written. */
export function restoreContext({ rootDir, workDir }: SessionRecord): Promise<void> {
  return restoreBefore(rootDir, join(workDir, CONTEXT_FOLDER))
}

/** Asked only of a caller's own folder; one that is no repository tracks nothing. */
async function isContextTracked(git: Git, workDir: string): Promise<boolean> {
  const { code, stdout } = await git.run({
    args: ['ls-files', '-z', '--', CONTEXT_FOLDER],
    cwd: workDir,
    okCodes: [0, 128],
  })
  return code === 0 && stdout !== ''
}
