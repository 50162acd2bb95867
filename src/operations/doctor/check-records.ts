import { conditionOf } from '../../mirror/mend-mirror.js'
import { environmentLayout } from '../../model/layout.js'
import { bindAnew, recordedSources, stateOfBinding } from '../creating/bind-source.js'
import { setSessionAside } from '../read-session.js'
import type { Services } from '../services.js'
import { withIdleSession } from '../session-lock.js'
import { type Diagnosis, orFinding, problem } from './finding.js'

/** Whether the records can be read: of what each environment is made from, and of its sessions. */
export async function checkRecords(
  services: Services,
  envIds: readonly string[],
  signal: AbortSignal,
): Promise<Diagnosis[]> {
  const found = envIds.map(async (envId) => [
    ...(await orFinding({ check: 'workspaces', key: { envId } }, () => ofEnvironment(services, envId))),
    ...(await orFinding({ check: 'workspaces', key: { envId } }, () => ofSessions(services, envId, signal))),
  ])
  return (await Promise.all(found)).flat()
}

/** Set aside, the records would be of no use any more once the root is where it was. */
function movedRoot(madeFor: string): string {
  return `its record was made for the root ${madeFor}, which was moved or copied here; ${MOVED_BACK}`
}

const MOVED_BACK = 'move it back, or make that path a link to this one'

const NEWER = 'was written by a newer version of this package'

/** Written anew where what was made from the source still tells it. */
async function ofEnvironment(services: Services, envId: string): Promise<Diagnosis[]> {
  const state = await stateOfBinding(services, envId)
  if (state === 'bound') return []
  const { environmentFile: path, mirrorDir } = environmentLayout(services.settings.root, envId)
  const subject = { check: 'workspaces', path, key: { envId } } as const
  const record = 'the record of what the environment is made from'
  if (state === 'newer format') return [problem(subject, `${record} ${NEWER}`, 'update')]
  const sources = await recordedSources(services, envId)
  // Without a repository there is nothing to be recorded.
  if (state === 'none' && sources.length === 0 && (await conditionOf(mirrorDir)) === 'absent') return []
  const wording = `${record} ${state === 'none' ? 'is gone' : 'cannot be read'}`
  const [source, ...others] = sources
  if (source === undefined || others.length > 0)
    return [problem(subject, `${wording}; the next prepare that names its source writes it anew`, 'prepare')]
  const repair = () => bindAnew(services, envId, source)
  return [{ ...problem(subject, `${wording}; its workspaces tell that it is ${source}`, 'fix'), repair }]
}

async function ofSessions(services: Services, envId: string, signal: AbortSignal): Promise<Diagnosis[]> {
  const records = await services.store.unreadable(envId)
  return records.map(({ place: path, key, cause, madeFor }) => {
    const subject = { check: 'workspaces', path, key: key ?? { envId } } as const
    if (cause === 'newer format') return problem(subject, `its record ${NEWER}`, 'update')
    if (madeFor !== undefined) return problem(subject, movedRoot(madeFor), 'look')
    if (key === undefined) return problem(subject, 'what stands there is the record of no session', 'move')
    const repair = () =>
      withIdleSession(services, key, signal, async () => void (await setSessionAside(services, key)))
    const message =
      'its record cannot be read; set aside, it keeps nobody from the workspace, which is not touched'
    return { ...problem(subject, message, 'fix'), repair }
  })
}
