import { dirname } from 'node:path'
import { clearDeadLocks } from '../../fs/lock-leftovers.js'
import { isPresent } from '../../fs/presence.js'
import { removeOnce } from '../../fs/remove-once.js'
import { findAbandoned, removeFiles } from '../../git/abandoned-files.js'
import type { SweepDecision } from '../../model/sweep-report.js'
import type { WorkspaceKey } from '../../model/workspace-key.js'
import type {
  ArchiveFinding,
  LeftoverFinding,
  LeftoverKind,
  SessionFinding,
  TrashFinding,
  UnreadableFinding,
} from '../../retention/findings.js'
import type { Planned } from '../../retention/planned.js'
import type { Retention } from '../../retention/policy.js'
import { clearArchiveLeftovers } from '../archiving/archive-leftovers.js'
import { deleteArchive, deleteUnneeded } from '../archiving/delete-archive.js'
import { completeRefresh } from '../complete-refresh.js'
import { setSessionAside } from '../read-session.js'
import { recoverAndTell } from '../recover.js'
import { removeFromCheckout } from '../removing/clear-checkout.js'
import { retireSession, undeletable } from '../removing/retire-session.js'
import type { Services } from '../services.js'
import { removeOrphan } from './adopt-orphan.js'
import { keptAfterAll, whileIdle } from './while-idle.js'

/** What holds for all decisions of a sweep. */
export interface Applying {
  readonly retention: Retention
  readonly signal: AbortSignal | undefined
}

/**
 * Does what was decided about a finding, and answers with what came of it. Whatever belongs to a session is looked
 * at again under the session's lock; while somebody else is at work on it, it is kept.
 */
export async function applyDecision(
  services: Services,
  { finding, decision }: Planned,
  { retention, signal }: Applying,
): Promise<SweepDecision> {
  if (finding.kind === 'unreadable record') return setAside(services, finding, decision)
  if (decision.action === 'keep') {
    if (finding.kind === 'session') await completeRefreshIfIdle(services, finding, decision, signal)
    return decision
  }
  await services.beforeStep('sweep', finding.kind)
  switch (finding.kind) {
    case 'session':
      return isHalfDone(finding)
        ? recover(services, finding, decision, signal)
        : retireSession(services, { finding, decision, retention, signal })
    case 'orphan directory':
    case 'orphan registration': {
      const { key } = finding
      if (key === undefined) return decision
      return removeOrphan(services, { orphan: finding, key, decision, retention, signal })
    }
    case 'archive':
      return removeArchive(services, finding, decision, signal)
    case 'trash':
    case 'leftover':
      return removeShortLived(services, finding, decision, signal)
  }
}

/** Of what stays; a cleanup does so itself, and goes on where it cannot be done. */
async function completeRefreshIfIdle(
  services: Services,
  { record }: SessionFinding,
  decision: SweepDecision,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (record.refreshing === undefined) return
  await whileIdle(services, { key: record, decision, signal }, async (held) => {
    const now = await services.store.read(record)
    if (now !== undefined) await completeRefresh(services, now, held)
    return decision
  })
}

function isHalfDone({ record }: SessionFinding): boolean {
  return record.state !== 'ready' && record.state !== 'finished'
}

async function setAside(
  services: Services,
  { key, cause, of }: UnreadableFinding,
  decision: SweepDecision,
): Promise<SweepDecision> {
  // That of an environment is set aside by whoever knows its source; an archive's is the only one of its work.
  if (cause !== 'corrupt' || of === 'environment' || of === 'archive') return decision
  if (key === undefined) return keptAfterAll(decision, 'its name is that of no session; nothing was done')
  return whileIdle(services, { key, decision, signal: undefined }, async () => {
    await setSessionAside(services, key)
    return decision
  })
}

async function recover(
  services: Services,
  { record }: SessionFinding,
  decision: SweepDecision,
  signal: AbortSignal | undefined,
): Promise<SweepDecision> {
  return whileIdle(services, { key: record, decision, signal }, async () => {
    const now = await services.store.read(record)
    const isSame = now?.state === record.state && now.owner.id === record.owner.id
    if (now === undefined || !isSame) return keptAfterAll(decision, 'somebody else has looked after it')
    const { freedBytes, stays, left } = await recoverAndTell(services, now)
    if (stays === 'workspace') return keptAfterAll(decision, 'it has work that is saved nowhere, and stays')
    return left.length === 0 ? { ...decision, bytes: freedBytes } : undeletable(decision, left)
  })
}

/** The lock of its session keeps others from deleting or restoring it at the same time. */
async function removeArchive(
  services: Services,
  { path, key, archiveId, bytes }: ArchiveFinding,
  decision: SweepDecision,
  signal: AbortSignal | undefined,
): Promise<SweepDecision> {
  return whileIdle(services, { key, decision, signal }, async () => {
    if (!(await isPresent(path))) return keptAfterAll(decision, 'it is gone already')
    await deleteArchive(services, key.envId, archiveId)
    return { ...decision, bytes }
  })
}

type Remover = (services: Services, finding: LeftoverFinding) => Promise<string[]>

/** What makes sure for itself that nobody uses what it removes; each answers with what it has removed. */
const REMOVERS: Partial<Record<LeftoverKind, Remover>> = {
  "temporary file of git's": async (services, { path, key }) =>
    key === undefined ? removeFiles(await findAbandoned([path])) : removeFromCheckout(services, key, path),
  lock: (_services, { path }) => clearDeadLocks(dirname(path)),
  'archive that was never completed': async (services, { envId }) =>
    envId === undefined ? [] : clearArchivesOf(services, envId),
}

async function clearArchivesOf(services: Services, envId: string): Promise<string[]> {
  const cleared = await clearArchiveLeftovers(services, envId)
  await deleteUnneeded(services, envId)
  return cleared
}

async function removeShortLived(
  services: Services,
  finding: TrashFinding | LeftoverFinding,
  decision: SweepDecision,
  signal: AbortSignal | undefined,
): Promise<SweepDecision> {
  const { path, key } = finding
  const remover = finding.kind === 'leftover' ? REMOVERS[finding.what] : undefined
  if (finding.kind === 'leftover' && remover !== undefined) {
    if (!(await isPresent(path))) return keptAfterAll(decision, 'it is gone already')
    const removed = await remover(services, finding)
    return removed.includes(path) ? decision : keptAfterAll(decision, 'it is in use')
  }
  if (key === undefined) return remove(path, decision)
  return whileIdle(services, { key, decision, signal }, async () => {
    const isUsed = finding.kind === 'leftover' && (await isKnown(services, key))
    return isUsed ? keptAfterAll(decision, 'its session was made again') : remove(path, decision)
  })
}

async function isKnown(services: Services, key: WorkspaceKey): Promise<boolean> {
  return (await services.store.read(key)) !== undefined
}

async function remove(path: string, decision: SweepDecision): Promise<SweepDecision> {
  const bytes = await removeOnce(path)
  return bytes === undefined ? keptAfterAll(decision, 'it is gone already') : { ...decision, bytes }
}
