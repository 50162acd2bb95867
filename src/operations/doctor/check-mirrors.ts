import { conditionOf } from '../../mirror/mend-mirror.js'
import { checkMirror } from '../../mirror/mirror.js'
import { repairRegistration, type Tampering } from '../../mirror/tamper-check.js'
import type { DoctorFinding } from '../../model/doctor-report.js'
import { environmentLayout } from '../../model/layout.js'
import type { SessionRecord } from '../../model/session-record.js'
import { parseSource } from '../../model/source.js'
import { sessionKey } from '../../model/workspace-key.js'
import { boundSource } from '../bind-source.js'
import { mirrorContext } from '../mirror-access.js'
import type { Services } from '../services.js'
import { type Diagnosis, orFinding, problem } from './finding.js'

/** Whether the mirrors are whole and as the manager wrote them, and so what worktrees are registered with. */
export async function checkMirrors(
  services: Services,
  envIds: readonly string[],
  signal: AbortSignal,
): Promise<Diagnosis[]> {
  const found: Diagnosis[] = []
  for (const envId of envIds) {
    const subject = { check: 'mirror', key: { envId } } as const
    found.push(...(await orFinding(subject, () => checkOne(services, envId, signal))))
  }
  return found
}

async function checkOne(services: Services, envId: string, signal: AbortSignal): Promise<Diagnosis[]> {
  const { mirrorDir: path } = environmentLayout(services.settings.root, envId)
  const condition = await conditionOf(path)
  const base = { check: 'mirror', path, key: { envId } } as const
  if (condition === 'torn')
    return [problem(base, 'parts of the mirror are gone; the next prepare puts it right', 'prepare')]
  if (condition === 'ruined')
    return [problem(base, 'the objects of the mirror are gone; the next prepare makes another', 'prepare')]
  const records = await services.store.list(envId)
  return [
    ...(condition === 'whole' ? await changesIn(services, envId, signal) : []),
    ...(await changedRegistrations(services, records, signal)),
  ]
}

async function changesIn(services: Services, envId: string, signal: AbortSignal): Promise<Diagnosis[]> {
  const source = await boundSource(services, envId)
  if (source === undefined) return []
  const { freshness } = services.settings
  const request = { envId, source: parseSource(source), credentials: undefined, freshness, signal }
  const context = mirrorContext(services, request)
  const repair = async (): Promise<void> => context.onTampered?.(await checkMirror(context, 'repair'))
  return (await checkMirror(context, 'look')).map((change) => ofChange(change, { envId }, repair))
}

async function changedRegistrations(
  services: Services,
  records: readonly SessionRecord[],
  signal: AbortSignal,
): Promise<Diagnosis[]> {
  const found: Diagnosis[] = []
  for (const record of records) {
    const { gitDir, registration } = record.tree ?? {}
    if (record.state === 'removing' || gitDir === undefined || registration === undefined) continue
    const check = { gitDir, registration, workDir: record.workDir, signal }
    const repair = async (): Promise<void> => void (await repairRegistration(services.git, check))
    const changes = await repairRegistration(services.git, { ...check, mode: 'look' })
    found.push(...changes.map((change) => ofChange(change, sessionKey(record), repair)))
  }
  return found
}

/** One repair puts all of a place right; the others then find nothing to do. */
function ofChange(
  { path, problem: message }: Tampering,
  key: DoctorFinding['key'],
  repair: () => Promise<void>,
): Diagnosis {
  const wording = `it was changed from outside: ${message}`
  return { check: 'mirror', level: 'problem', path, key, message: wording, remedy: 'fix', repair }
}
