import { type ArchiveRecord, isWorkspaceError, type SessionRecord } from 'git-task-isolation'
import { openManager } from '../open-manager.js'

/** What may stand in a place. */
export interface Candidate {
  readonly value: string
  readonly description: string
}

/** The names that are in use below a root. */
export interface KnownNames {
  environments(): readonly Candidate[]
  tasks(envId: string | undefined): readonly Candidate[]
  runs(envId: string | undefined, taskId: string | undefined): readonly Candidate[]
  archives(envId: string | undefined): readonly Candidate[]
}

/** What is known of the sessions or the archives below a root; nothing where they cannot be read. */
export async function knownNames(
  root: string | undefined,
  among: 'sessions' | 'archives',
): Promise<KnownNames> {
  const { sessions, archives } = await readAll(root)
  const known = among === 'sessions' ? sessions : archives
  const tasksOf = (envId: string | undefined) => known.filter((each) => each.envId === envId)
  return {
    environments: () =>
      distinct([...sessions, ...archives].map(({ envId }) => ({ value: envId, description: '' }))),
    tasks: (envId) =>
      distinct(tasksOf(envId).map((each) => ({ value: each.taskId, description: about(each) }))),
    runs: (envId, taskId) =>
      distinct(
        tasksOf(envId).flatMap((each) =>
          each.taskId === taskId && each.runId !== undefined
            ? [{ value: each.runId, description: about(each) }]
            : [],
        ),
      ),
    archives: (envId) =>
      archives
        .filter((each) => each.envId === envId)
        .map((each) => ({ value: each.archiveId, description: about(each) })),
  }
}

interface Read {
  readonly sessions: readonly SessionRecord[]
  readonly archives: readonly ArchiveRecord[]
}

/** A line that is being typed is no place for errors. */
async function readAll(root: string | undefined): Promise<Read> {
  try {
    const manager = openManager(root)
    const [sessions, archives] = await Promise.all([manager.list(), manager.archives()])
    await manager.close()
    return { sessions, archives }
  } catch (error) {
    if (!isWorkspaceError(error)) throw error
    return { sessions: [], archives: [] }
  }
}

function about(record: SessionRecord | ArchiveRecord): string {
  return ['state' in record ? record.state : record.createdAt, record.branch ?? ''].join(' ').trim()
}

function distinct(found: readonly Candidate[]): Candidate[] {
  return [...new Map(found.map((each) => [each.value, each])).values()]
}
