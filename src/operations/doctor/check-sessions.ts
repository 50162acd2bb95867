import { kindOf } from '../../fs/presence.js'
import type { DoctorCheck, DoctorRemedy } from '../../model/doctor-report.js'
import { taskLayout } from '../../model/layout.js'
import type { SessionRecord } from '../../model/session-record.js'
import type { SweepDecision, SweepKind } from '../../model/sweep-report.js'
import { sessionKey } from '../../model/workspace-key.js'
import { ownerStates } from '../looking/owner-states.js'
import type { Services } from '../services.js'
import { sweep } from '../sweep.js'
import type { Diagnosis } from './finding.js'

/** What is merely old is a sweep's business. In days. */
const FOREVER = 1_000_000
const NO_AGE = { maxAgeDays: FOREVER, failedMaxAgeDays: FOREVER, archiveMaxAgeDays: FOREVER } as const

type Mode = 'look' | 'fix'

/**
 * What killed processes left: half-made workspaces, folders without a record, records that cannot be read, trash,
 * temporary files. With `fix` it is what a sweep that knows no limits does.
 */
export async function checkLeftovers(
  services: Services,
  mode: Mode,
  signal: AbortSignal,
): Promise<Diagnosis[]> {
  const { decisions } = await sweep(losingNothing(services), { ...NO_AGE, dryRun: mode === 'look', signal })
  return Promise.all(decisions.filter(isFinding).map((decision) => findingOf(services, decision, mode)))
}

/** Neither how much is on the disk nor what other calls do with unsaved work is a doctor's to go by. */
function losingNothing(services: Services): Services {
  const { settings } = services
  const retention = { ...settings.retention, maxTotalBytes: undefined }
  return { ...services, settings: { ...settings, retention, onUnsavedWork: 'archive' } }
}

/** Sessions that are as they should be are no findings. */
function isFinding({ action, attention }: SweepDecision): boolean {
  return action === 'remove' || attention === 'needed'
}

const CHECK_OF: Readonly<Record<SweepKind, DoctorCheck>> = {
  workspace: 'workspaces',
  reservation: 'workspaces',
  'orphan-directory': 'orphans',
  'orphan-registration': 'orphans',
  archive: 'leftovers',
  trash: 'leftovers',
  temporary: 'leftovers',
}

async function findingOf({ settings }: Services, decision: SweepDecision, mode: Mode): Promise<Diagnosis> {
  const { kind, path, key, action, error } = decision
  const message = messageOf(decision, settings.retention.maxAgeDays)
  const base = { check: CHECK_OF[kind], level: 'problem', message, path, key } as const
  if (error !== undefined) return { ...base, remedy: 'look', error }
  if (action === 'remove') return { ...base, remedy: 'fix', ...(mode === 'fix' && { fixed: true }) }
  return { ...base, remedy: await remedyOf(settings.root, decision) }
}

/** An age that nobody asked for says nothing; that of a sweep that is asked for tells when it goes. */
function messageOf({ reason }: SweepDecision, days: number): string {
  const when = `a sweep archives and removes it when nothing in it has changed for ${days} days`
  return reason.replace(/; .+ has changed within \d+ days, and (it may hold work)$/, `; $1, and ${when}`)
}

/** Who cleans up a workspace without a checkout loses nothing; anything else is for a person to look at first. */
async function remedyOf(root: string, { kind, path, key, reason }: SweepDecision): Promise<DoctorRemedy> {
  if (kind === 'trash') return 'move'
  if (kind === 'archive') return reason.endsWith('by a newer version of this package') ? 'update' : 'look'
  if (kind === 'temporary') return 'sweep'
  if (kind === 'orphan-registration') return key === undefined ? 'move' : 'sweep'
  if (kind === 'orphan-directory') return /has changed within/.test(reason) ? 'sweep' : 'move'
  if (key === undefined || path !== taskLayout(root, key).rootDir) return 'look'
  return (await kindOf(taskLayout(root, key).workDir)) === 'absent' ? 'cleanup' : 'look'
}

/** Tasks whose process has ended without finishing them; no problem, since the next prepare takes them over. */
export async function checkOwners(
  services: Services,
  records: readonly SessionRecord[],
): Promise<Diagnosis[]> {
  const ready = records.filter(({ state }) => state === 'ready')
  const owners = await ownerStates(services, ready)
  const left = ready.filter((_, index) => owners[index] === 'dead')
  const silent = owners.filter((state) => state === 'silent').length
  const envIds = [...new Set(left.map(({ envId }) => envId))]
  return [
    ...envIds.flatMap((envId) => abandoned(left.filter((record) => record.envId === envId))),
    ...(silent > 0 ? [silentOwners(silent)] : []),
  ]
}

/** A sweep does nothing about them before they are old; who knows how they ended can say so. */
function abandoned([first, ...others]: readonly SessionRecord[]): Diagnosis[] {
  if (first === undefined) return []
  const isOne = others.length === 0
  const tasks = isOne ? 'it is not finished' : `${others.length + 1} tasks are not finished`
  const message = `${tasks}, and the process that prepared ${isOne ? 'it' : 'them'} has ended`
  const key = isOne ? sessionKey(first) : { envId: first.envId }
  return [{ check: 'owners', level: 'note', key, message, remedy: 'finish' }]
}

function silentOwners(number: number): Diagnosis {
  const message = `of ${number} unfinished tasks the process is on another host, and gives no sign of life`
  return { check: 'owners', level: 'note', message }
}
