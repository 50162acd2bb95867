import { isAbsolute, join, sep } from 'node:path'
import { hasErrorCode } from '../errors/workspace-error.js'
import { isPresent, kindOf, namesIn } from '../fs/presence.js'
import { readWorktrees } from '../git/worktree-list.js'
import { openCallerRepository } from '../mirror/caller-repository.js'
import { environmentLayout } from '../model/layout.js'
import type { SessionRecord } from '../model/session-record.js'
import { parseSessionName, sessionName } from '../model/workspace-key.js'
import type { OrphanDirectory, OrphanRegistration, UnreadableFinding } from '../retention/findings.js'
import { boundSource } from './bind-source.js'
import type { Services } from './services.js'

/** What was read of an environment before. */
interface Known {
  readonly folders: readonly string[]
  readonly records: readonly SessionRecord[]
  readonly unreadable: readonly UnreadableFinding[]
}

/** Folders and registrations of tasks that no record knows. */
export async function surveyOrphans(
  services: Services,
  envId: string,
  known: Known,
): Promise<(OrphanDirectory | OrphanRegistration)[]> {
  const directories = await orphanDirectories(services, envId, known)
  const registrations = await orphanRegistrations(services, envId, known)
  return [...directories, ...registrations]
}

async function orphanDirectories(
  services: Services,
  envId: string,
  known: Known,
): Promise<OrphanDirectory[]> {
  const { tasksDir } = environmentLayout(services.settings.root, envId)
  const keys = [...known.records, ...known.unreadable.flatMap(({ key }) => key ?? [])]
  const names = new Set(keys.map((key) => sessionName(key)))
  const strangers = known.folders.filter((name) => !names.has(name) && parseSessionName(envId, name))
  const found = await Promise.all(strangers.map((name) => describe(join(tasksDir, name))))
  return found.filter((orphan) => orphan !== undefined)
}

/** An old shared checkout may have a folder `tasks` of its own: what does not look like ours is not spoken of. */
async function describe(path: string): Promise<OrphanDirectory | undefined> {
  const names = await namesIn(path)
  if (names.includes('workdir')) return { kind: 'orphan directory', path, content: 'checkout' }
  const isOurs = names.includes('output') && names.includes('logs')
  return isOurs ? { kind: 'orphan directory', path, content: 'artifacts' } : undefined
}

async function orphanRegistrations(
  services: Services,
  envId: string,
  { records }: Known,
): Promise<OrphanRegistration[]> {
  const { tasksDir } = environmentLayout(services.settings.root, envId)
  const known = new Set(records.map(({ workDir }) => workDir))
  const found: OrphanRegistration[] = []
  for (const gitDir of await repositoriesOf(services, envId, records)) {
    for (const { name, workDir } of await readWorktrees(gitDir)) {
      if (!workDir.startsWith(`${tasksDir}${sep}`) || known.has(workDir)) continue
      const checkout = (await kindOf(workDir)) === 'directory' ? 'present' : 'absent'
      found.push({ kind: 'orphan registration', path: join(gitDir, 'worktrees', name), workDir, checkout })
    }
  }
  return found
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

async function callersRepository(services: Services, envId: string): Promise<string | undefined> {
  const source = await boundSource(services, envId)
  if (source === undefined || !isAbsolute(source)) return undefined
  try {
    return (await openCallerRepository(services.git, source)).gitDir
  } catch (error) {
    if (!hasErrorCode(error, 'SOURCE_INVALID', 'GIT_FAILED')) throw error
    return undefined
  }
}
