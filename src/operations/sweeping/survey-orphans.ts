import { basename, dirname, isAbsolute, join, sep } from 'node:path'
import { hasErrorCode } from '../../errors/workspace-error.js'
import { isPresent, kindOf } from '../../fs/presence.js'
import { readWorktrees, type WorktreeEntry } from '../../git/worktree-list.js'
import { openCallerRepository } from '../../mirror/caller-repository.js'
import { environmentLayout } from '../../model/layout.js'
import type { SessionRecord } from '../../model/session-record.js'
import { parseSessionName, sessionName } from '../../model/workspace-key.js'
import type {
  CheckoutNature,
  OrphanDirectory,
  OrphanRegistration,
  UnreadableFinding,
} from '../../retention/findings.js'
import { oldSince } from '../../retention/policy.js'
import { boundSource } from '../creating/bind-source.js'
import { lookForActivity } from '../looking/look-for-activity.js'
import { taskContent } from '../looking/task-content.js'
import type { Services } from '../services.js'
import type { SurveyRequest } from './survey-request.js'

/** What was read of an environment before. */
interface Known {
  readonly folders: readonly string[]
  readonly records: readonly SessionRecord[]
  readonly unreadable: readonly UnreadableFinding[]
}

/** Folders and registrations of tasks that no record knows. */
export async function surveyOrphans(
  services: Services,
  request: SurveyRequest,
  known: Known,
): Promise<(OrphanDirectory | OrphanRegistration)[]> {
  const registrations = await orphanRegistrations(services, request, known)
  const directories = await orphanDirectories(services, request, known, registrations)
  return [...directories, ...registrations]
}

async function orphanDirectories(
  services: Services,
  request: SurveyRequest,
  known: Known,
  registrations: readonly OrphanRegistration[],
): Promise<OrphanDirectory[]> {
  const { tasksDir } = environmentLayout(services.settings.root, request.envId)
  const keys = [...known.records, ...known.unreadable.flatMap(({ key }) => key ?? [])]
  const names = new Set(keys.map((key) => sessionName(key)))
  const found: OrphanDirectory[] = []
  for (const name of known.folders.filter((folder) => !names.has(folder)))
    found.push(...(await describe(join(tasksDir, name), request, registrations)))
  return found
}

async function describe(
  path: string,
  { envId, retention, signal }: SurveyRequest,
  registrations: readonly OrphanRegistration[],
): Promise<OrphanDirectory[]> {
  const key = parseSessionName(envId, basename(path))
  const content = await taskContent(path)
  if (key === undefined || content === undefined) return []
  const registration = registrations.find(({ workDir }) => workDir === join(path, 'workdir'))
  const folders = [path, ...(registration ? [registration.path] : [])] as const
  const activity = await lookForActivity(folders, oldSince(retention, retention.finishedMaxAgeMs), signal)
  const nature = content === 'checkout' ? await natureOf(join(path, 'workdir'), registration) : undefined
  return [{ kind: 'orphan directory', path, key, content, activity, nature }]
}

/** The git dir tells: a clone has its own, a worktree is registered, a plain directory has none. */
export async function natureOf(
  workDir: string,
  registration: Pick<OrphanRegistration, 'nature'> | undefined,
): Promise<CheckoutNature | undefined> {
  if ((await kindOf(workDir)) !== 'directory') return undefined
  const git = await kindOf(join(workDir, '.git'))
  if (registration !== undefined) return git === 'file' ? registration.nature : undefined
  if (git === 'directory') return { strategy: 'clone' }
  return git === 'absent' ? { strategy: 'directory' } : undefined
}

async function orphanRegistrations(
  services: Services,
  request: SurveyRequest,
  { records }: Known,
): Promise<OrphanRegistration[]> {
  const { tasksDir } = environmentLayout(services.settings.root, request.envId)
  const known = new Set(records.map(({ workDir }) => workDir))
  const found: OrphanRegistration[] = []
  for (const gitDir of await repositoriesOf(services, request.envId, records)) {
    for (const entry of await readWorktrees(gitDir)) {
      if (!entry.workDir.startsWith(`${tasksDir}${sep}`) || known.has(entry.workDir)) continue
      found.push(await describeRegistration(services, request, gitDir, entry))
    }
  }
  return found
}

async function describeRegistration(
  services: Services,
  { envId, retention, signal }: SurveyRequest,
  gitDir: string,
  { name, workDir, branch }: WorktreeEntry,
): Promise<OrphanRegistration> {
  const { mirrorDir, tasksDir } = environmentLayout(services.settings.root, envId)
  const path = join(gitDir, 'worktrees', name)
  const isOurs = workDir === join(tasksDir, basename(dirname(workDir)), 'workdir')
  return {
    ...{ kind: 'orphan registration', path, workDir },
    key: isOurs ? parseSessionName(envId, basename(dirname(workDir))) : undefined,
    checkout: (await kindOf(workDir)) === 'directory' ? 'present' : 'absent',
    activity: await lookForActivity([path], oldSince(retention, retention.finishedMaxAgeMs), signal),
    nature: {
      ...{ strategy: 'worktree', gitDir, registration: name },
      branch: gitDir === mirrorDir ? branch : undefined,
    },
  }
}

/** The mirror, and the caller's own repositories that tasks were made in. */
async function repositoriesOf(
  services: Services,
  envId: string,
  records: readonly SessionRecord[],
): Promise<Set<string>> {
  const { mirrorDir } = environmentLayout(services.settings.root, envId)
  const recorded = records.flatMap(({ tree }) => tree?.gitDir ?? [])
  const callers = await callersRepository(services, envId)
  const all = [mirrorDir, ...recorded, ...(callers === undefined ? [] : [callers])]
  const present = await Promise.all(all.map((gitDir) => isPresent(gitDir)))
  return new Set(all.filter((_, index) => present[index]))
}

/** The repository of the caller's that tasks of an environment are registered in, if it is made from one. */
export async function callersRepository(services: Services, envId: string): Promise<string | undefined> {
  const source = await boundSource(services, envId)
  if (source === undefined || !isAbsolute(source)) return undefined
  try {
    return (await openCallerRepository(services.git, source)).gitDir
  } catch (error) {
    if (!hasErrorCode(error, 'SOURCE_INVALID', 'GIT_FAILED')) throw error
    return undefined
  }
}
