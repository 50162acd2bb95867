import type { SweepDecision } from '../model/sweep-report.js'
import { sessionKey } from '../model/workspace-key.js'
import type {
  Finding,
  LeftoverFinding,
  OrphanDirectory,
  SessionFinding,
  TrashFinding,
  UnreadableFinding,
} from './findings.js'

type Planned = Pick<SweepDecision, 'kind' | 'path' | 'key' | 'action' | 'reason' | 'attention'>

/**
 * What to do about something that was found, by what killed processes may leave behind: their half-done work is
 * completed or undone, and what nobody can tell is kept. Pure.
 */
export function planRecovery(finding: Finding): Planned {
  switch (finding.kind) {
    case 'session':
      return planSession(finding)
    case 'unreadable record':
      return planUnreadable(finding)
    case 'orphan directory':
      return planOrphan(finding)
    case 'orphan registration':
      return look('orphan-registration', finding.path, ORPHAN_REGISTRATION[finding.checkout])
    case 'trash':
      return planTrash(finding)
    case 'leftover':
      return planLeftover(finding)
  }
}

const ORPHAN_REGISTRATION = {
  present: 'a worktree of ours is registered and has no record; it may hold work',
  absent: 'a worktree of ours is registered, and neither its checkout nor a record is there',
} as const

function planSession({ record, owner, checkout }: SessionFinding): Planned {
  const kind = record.state === 'reserved' ? 'reservation' : 'workspace'
  const base = { kind, path: record.rootDir, key: sessionKey(record) } as const
  const holder = `process ${record.owner.pid} on ${record.owner.host}`
  const kept = (reason: string): Planned => ({ ...base, action: 'keep', reason })
  if (record.state === 'ready' || record.state === 'finished') {
    return checkout === 'present'
      ? kept(`it is ${record.state}`)
      : { ...kept('its checkout is gone; cleanup removes the rest'), attention: 'needed' }
  }
  if (owner !== 'dead') return kept(`it is ${record.state}, and its owner lives (${holder})`)
  const undone = record.state === 'removing' ? 'its removal never ended' : 'its prepare never ended'
  return { ...base, action: 'remove', reason: `${undone}: the owner is gone (${holder})` }
}

function planUnreadable({ path, key, cause }: UnreadableFinding): Planned {
  const reason =
    cause === 'corrupt'
      ? 'its record cannot be read and is set aside; nothing of the workspace is touched'
      : 'its record was written by a newer version of this package'
  return { ...look('workspace', path, reason), key }
}

function planOrphan({ path, content }: OrphanDirectory): Planned {
  return content === 'checkout'
    ? look('orphan-directory', path, 'there is a checkout without a record; it may hold work')
    : { kind: 'orphan-directory', path, action: 'keep', reason: 'a cleanup kept it for its output and logs' }
}

const OF_UNREADABLE = 'its session has a record that cannot be read'

function planTrash({ path, key, record }: TrashFinding): Planned {
  if (record === 'unreadable') return { kind: 'trash', path, key, action: 'keep', reason: OF_UNREADABLE }
  const reason = 'it was removed earlier, and its deletion did not end'
  return { kind: 'trash', path, key, action: 'remove', reason }
}

function planLeftover({ path, what, maker, record }: LeftoverFinding): Planned {
  if (record === 'unreadable') return { kind: 'temporary', path, action: 'keep', reason: OF_UNREADABLE }
  return maker === 'dead'
    ? { kind: 'temporary', path, action: 'remove', reason: `a ${what} whose process is gone` }
    : look('temporary', path, `a ${what}; whether its process lives cannot be told here`)
}

/** Kept, for a person to decide about. */
function look(kind: Planned['kind'], path: string, reason: string): Planned {
  return { kind, path, action: 'keep', reason, attention: 'needed' }
}
