import { join } from 'node:path'
import { diskUsages } from '../fs/disk-usage.js'
import { namesIn } from '../fs/presence.js'
import type { DiskUsageReport, EnvironmentUsage, WorkspaceUsage } from '../model/disk-usage-report.js'
import { environmentLayout } from '../model/layout.js'
import type { SessionRecord } from '../model/session-record.js'
import { parseSessionName, sessionKey, sessionName } from '../model/workspace-key.js'
import { environmentIds } from '../sessions/environment-ids.js'
import { environmentExists } from './environment-folder.js'
import { taskContent } from './looking/task-content.js'
import type { Services } from './services.js'

/** What the environments take on the disk; one that does not exist is left out. */
export async function reportDiskUsage(
  services: Services,
  { envId, signal }: { readonly envId?: string | undefined; readonly signal?: AbortSignal | undefined },
): Promise<DiskUsageReport> {
  const environments: EnvironmentUsage[] = []
  for (const name of await environmentIds(services.settings.root, envId)) {
    if (await environmentExists(services, name))
      environments.push(await measureEnvironment(services, name, signal))
  }
  return { environments, totalBytes: sumOf(environments.map(({ totalBytes }) => totalBytes)) }
}

/** One call for everything, so that what is shared by hard links counts once: for whatever comes first. */
export async function measureEnvironment(
  services: Services,
  envId: string,
  signal: AbortSignal | undefined,
): Promise<EnvironmentUsage> {
  const layout = environmentLayout(services.settings.root, envId)
  const { mirrorDir, archivesRepository, archivesDir, trashDir } = layout
  const archives = [archivesRepository, archivesDir]
  const tasks = await tasksOf(services, envId)
  const trash = [trashDir, ...(await trashAmongTasks(layout.tasksDir))]
  const known = [mirrorDir, ...archives, trashDir]
  const own = (await namesIn(layout.managerDir)).map((name) => join(layout.managerDir, name))
  const other = own.filter((path) => !known.includes(path))
  const paths = [mirrorDir, ...archives, ...tasks.map(({ path }) => path), ...trash, ...other]
  const usages = await diskUsages(paths, signal)
  const bytesOf = (...some: readonly string[]) => sumOf(some.map((path) => usages.get(path) ?? 0))
  return {
    envId,
    mirrorBytes: bytesOf(mirrorDir),
    archivesBytes: bytesOf(...archives),
    workspaces: tasks.map((task) => ({ ...task, bytes: bytesOf(task.path) })),
    trashBytes: bytesOf(...trash),
    otherBytes: bytesOf(...other),
    totalBytes: bytesOf(...paths),
  }
}

type Task = Omit<WorkspaceUsage, 'bytes'>

/** Those with a record, and folders that look as if they had had one. */
async function tasksOf(services: Services, envId: string): Promise<Task[]> {
  const records = await services.store.list(envId)
  const known = new Map(records.map((record) => [sessionName(record), record]))
  const { tasksDir } = environmentLayout(services.settings.root, envId)
  const names = await namesIn(tasksDir)
  const found = await Promise.all(names.map((name) => taskOf(envId, join(tasksDir, name), name, known)))
  return found.filter((task) => task !== undefined).sort((one, other) => (one.path < other.path ? -1 : 1))
}

async function taskOf(
  envId: string,
  path: string,
  name: string,
  known: ReadonlyMap<string, SessionRecord>,
): Promise<Task | undefined> {
  const record = known.get(name)
  if (record !== undefined) return { key: sessionKey(record), path, state: record.state }
  const key = parseSessionName(envId, name)
  if (key === undefined || (await taskContent(path)) === undefined) return undefined
  return { key, path }
}

/** What is moved aside stays here where the trash is on another file system. */
async function trashAmongTasks(tasksDir: string): Promise<string[]> {
  const names = await namesIn(tasksDir)
  return names.filter((name) => name.startsWith('.trash-')).map((name) => join(tasksDir, name))
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0)
}
