import { dirname } from 'node:path'
import { hasErrorCode } from '../errors/workspace-error.js'
import { diskUsage } from '../fs/disk-usage.js'
import { clearDeadLocks } from '../fs/lock-leftovers.js'
import { isPresent } from '../fs/presence.js'
import { deleteTree } from '../fs/trash.js'
import { findAbandoned, removeFiles } from '../git/abandoned-files.js'
import type { SweepDecision } from '../model/sweep-report.js'
import type { WorkspaceKey } from '../model/workspace-key.js'
import type { Finding, LeftoverKind, SessionFinding } from '../retention/findings.js'
import { setRecordAside } from './read-session.js'
import { recoverAndTell } from './recover.js'
import type { Services } from './services.js'
import { withIdleSession } from './session-lock.js'

/** What makes sure for itself that nobody uses what it removes. */
const REMOVERS: Partial<Record<LeftoverKind, (path: string) => Promise<string[]>>> = {
  "temporary file of git's": async (path) => removeFiles(await findAbandoned([path])),
  lock: (path) => clearDeadLocks(dirname(path)),
}

/**
 * Does what was decided about a finding, and answers with what came of it. Whatever belongs to a session is looked
 * at again under the session's lock; while somebody else is at work on it, it is kept.
 */
export async function applyDecision(
  services: Services,
  finding: Finding,
  decision: SweepDecision,
  signal: AbortSignal | undefined,
): Promise<SweepDecision> {
  if (finding.kind === 'unreadable record' && finding.cause === 'corrupt') {
    return setAside(services, finding.key, decision)
  }
  if (decision.action === 'keep') return decision
  await services.beforeStep('sweep', finding.kind)
  if (finding.kind === 'session') return recover(services, finding, decision, signal)
  const { path } = finding
  const remove = () => removePath(path, decision)
  if (finding.kind === 'leftover' && finding.what in REMOVERS) {
    if (!(await isPresent(path))) return meanwhile(decision, 'it is gone already')
    const removed = await REMOVERS[finding.what]?.(path)
    return removed?.includes(path) ? decision : meanwhile(decision, 'it is in use')
  }
  if (!('key' in finding) || finding.key === undefined) return remove()
  const { key } = finding
  return whileIdle(services, key, decision, signal, async () => {
    const isUsed = finding.kind === 'leftover' && (await services.store.read(key)) !== undefined
    return isUsed ? meanwhile(decision, 'its session was made again') : remove()
  })
}

async function setAside(
  services: Services,
  key: WorkspaceKey | undefined,
  decision: SweepDecision,
): Promise<SweepDecision> {
  if (key === undefined) return meanwhile(decision, 'its name is that of no session; nothing was done')
  return whileIdle(services, key, decision, undefined, async () => {
    await setRecordAside(services, key)
    return decision
  })
}

async function recover(
  services: Services,
  { record }: SessionFinding,
  decision: SweepDecision,
  signal: AbortSignal | undefined,
): Promise<SweepDecision> {
  return whileIdle(services, record, decision, signal, async () => {
    const now = await services.store.read(record)
    const isSame = now?.state === record.state && now.owner.id === record.owner.id
    if (now === undefined || !isSame) return meanwhile(decision, 'somebody else has looked after it')
    const { freedBytes, left } = await recoverAndTell(services, now)
    if (left === 'workspace') return meanwhile(decision, 'it has work that is saved nowhere, and stays')
    return { ...decision, bytes: freedBytes }
  })
}

async function removePath(path: string, decision: SweepDecision): Promise<SweepDecision> {
  if (!(await isPresent(path))) return meanwhile(decision, 'it is gone already')
  const bytes = await diskUsage(path)
  await deleteTree(path)
  return { ...decision, bytes }
}

async function whileIdle(
  services: Services,
  key: WorkspaceKey,
  decision: SweepDecision,
  signal: AbortSignal | undefined,
  action: () => Promise<SweepDecision>,
): Promise<SweepDecision> {
  try {
    return await withIdleSession(services, key, signal, action)
  } catch (error) {
    if (!hasErrorCode(error, 'LOCK_TIMEOUT')) throw error
    return meanwhile(decision, 'somebody is at work on it')
  }
}

function meanwhile(decision: SweepDecision, reason: string): SweepDecision {
  return { ...decision, action: 'keep', reason }
}
