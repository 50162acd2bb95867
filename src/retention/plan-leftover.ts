import type { LeftoverFinding, TrashFinding, UnreadableFinding } from './findings.js'
import type { Verdict } from './planned.js'

const WHERE_CORRUPT = {
  session: 'its record cannot be read and is set aside; nothing of the workspace is touched',
  environment: 'what it was made from cannot be read; the next prepare that names its source writes it anew',
  archive: 'its record cannot be read; what it holds is kept',
} as const

const LEFT_ALONE = {
  'newer format': 'its record was written by a newer version of this package',
  'other root': 'its record was made for another root, which was moved or copied here',
} as const

/** A record that cannot be read keeps everything of its workspace, or its archive. */
export function planUnreadable({ path, key, cause, of = 'session' }: UnreadableFinding): Verdict {
  const reason = cause === 'corrupt' ? WHERE_CORRUPT[of] : LEFT_ALONE[cause]
  const kind = of === 'archive' ? 'archive' : 'workspace'
  return { kind, path, key, action: 'keep', reason, attention: 'needed' }
}

const OF_UNREADABLE = 'its session has a record that cannot be read'

/** What was moved to the trash was looked after before. */
export function planTrash({ path, key, record, stranger }: TrashFinding): Verdict {
  if (stranger !== undefined) {
    const reason = `nothing of ours made ${stranger === path ? 'it' : stranger}`
    return { kind: 'trash', path, key, action: 'keep', reason, attention: 'needed' }
  }
  if (record === 'unreadable') return { kind: 'trash', path, key, action: 'keep', reason: OF_UNREADABLE }
  const reason = 'it was removed earlier, and its deletion did not end'
  return { kind: 'trash', path, key, action: 'remove', reason }
}

/** What is short-lived goes when its maker is gone for certain. */
export function planLeftover({ path, what, maker, record }: LeftoverFinding): Verdict {
  const base = { kind: 'temporary', path } as const
  if (record === 'unreadable') return { ...base, action: 'keep', reason: OF_UNREADABLE }
  const one = /^[aeiou]/.test(what) ? `an ${what}` : `a ${what}`
  if (maker === 'dead') return { ...base, action: 'remove', reason: `${one} whose process is gone` }
  const reason = `${one}; whether its process lives cannot be told here`
  return { ...base, action: 'keep', reason, attention: 'needed' }
}
