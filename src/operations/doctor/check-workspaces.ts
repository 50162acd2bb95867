import { kindOf } from '../../fs/presence.js'
import type { SessionRecord } from '../../model/session-record.js'
import { sessionKey } from '../../model/workspace-key.js'
import { LINK, lostPart } from '../creating/refuse-damaged.js'
import type { Services } from '../services.js'
import { type Diagnosis, orFinding, problem } from './finding.js'

/** Whether workspaces that are there still have what makes them repositories: their git dir, registration, branch. */
export async function checkWorkspaces(
  services: Services,
  records: readonly SessionRecord[],
): Promise<Diagnosis[]> {
  const ready = records.filter(({ state }) => state === 'ready' || state === 'finished')
  const looks = ready.map((record) =>
    orFinding({ check: 'workspaces', path: record.workDir, key: sessionKey(record) }, () =>
      damageTo(services, record),
    ),
  )
  return (await Promise.all(looks)).flat()
}

async function damageTo(services: Services, record: SessionRecord): Promise<Diagnosis[]> {
  // One without a checkout is found by the look for leftovers; a strategy of somebody else's is theirs to look after.
  if (!services.strategies.has(record.strategy) || (await kindOf(record.workDir)) !== 'directory') return []
  const lost = await lostPart(services, record)
  // What a mirror has lost, and a link that a registration tells, are found with the mirror.
  if (lost === undefined || lost.what === 'mirror' || (lost.what === LINK && record.tree?.registration))
    return []
  const subject = { check: 'workspaces', path: lost.path, key: sessionKey(record) } as const
  return [problem(subject, `its ${lost.what} is gone; a cleanup archives what is there`, 'cleanup')]
}
