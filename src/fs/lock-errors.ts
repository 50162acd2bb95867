import {
  ContentionError,
  IntegrityError,
  type JsonValue,
  type WorkspaceError,
} from '../errors/workspace-error.js'
import { type LockHolder, readLock, strangersIn } from './lock-holder.js'
import { LOCK_STALE_MS } from './lock-timing.js'

/** What the errors about one wait have in common. */
export interface LockRequest {
  readonly path: string
  readonly purpose: string
}

/** The deadline passed; names who holds the lock now, as far as the disk says, or what else is in the way. */
export async function lockTimeout(request: LockRequest, waitedMs: number): Promise<ContentionError> {
  const view = await readLock(request.path)
  const strangers = view.state === 'free' ? await strangersIn(request.path) : []
  if (strangers.length > 0) return lockObstructed(request, waitedMs, strangers)
  const holder = view.state === 'held' ? view.holder : undefined
  const by = holder ? `held by ${describe(holder)}` : 'its holder is not known'
  return new ContentionError(
    'LOCK_TIMEOUT',
    `waited ${waitedMs} ms for the ${request.purpose} lock ${request.path}: ${by}`,
    { data: { ...request, waitedMs, holder: publicPart(holder) } },
  )
}

/** Nobody holds the lock, but something that is not of a lock is in its directory, which therefore stays. */
function lockObstructed(
  request: LockRequest,
  waitedMs: number,
  inTheWay: readonly string[],
): ContentionError {
  const names = inTheWay.join(', ')
  return new ContentionError(
    'LOCK_TIMEOUT',
    `waited ${waitedMs} ms for the ${request.purpose} lock ${request.path}: nobody holds it, but in its way is ${names}`,
    { data: { ...request, waitedMs, holder: null, inTheWay }, hint: `Remove ${names}, then try again.` },
  )
}

/** The caller waits for what it holds itself; waiting longer would never help. */
export function lockReentered(request: LockRequest): ContentionError {
  return new ContentionError(
    'LOCK_TIMEOUT',
    `the ${request.purpose} lock ${request.path} was asked for by the call that holds it`,
    {
      data: { ...request, waitedMs: 0 },
      retryable: false,
      hint: 'This call already holds the lock; do the work inside the action without taking it again.',
    },
  )
}

/**
 * The lock was lost while it was held: taken by another host that saw no heartbeat, or deleted by hand. Whoever took it
 * may have given it back since; that it was taken is then told by how long there was no heartbeat, in milliseconds.
 */
export async function lockLost(
  request: LockRequest,
  silentMs: number,
  cause?: unknown,
): Promise<WorkspaceError> {
  const view = await readLock(request.path)
  const holder = view.state === 'held' ? view.holder : undefined
  const details = { data: { ...request, holder: publicPart(holder) }, cause }
  const lock = `the ${request.purpose} lock ${request.path}`
  if (view.state === 'free' && silentMs < LOCK_STALE_MS)
    return new IntegrityError('TAMPERED', `${lock} was removed while it was held`, details)
  const taker = holder ? describe(holder) : 'somebody who cannot be named'
  const message = `${lock} was taken over by ${taker}`
  if (view.state === 'held') return new ContentionError('LOCK_TIMEOUT', message, details)
  const silent = `${Math.round(silentMs / 1000)} s without a heartbeat`
  return new ContentionError('LOCK_TIMEOUT', `${message}, after ${silent}, and given back since`, details)
}

function describe({ host, pid, purpose, since }: LockHolder): string {
  return `process ${pid} on ${host} (${purpose}, since ${since})`
}

function publicPart(holder: LockHolder | undefined): JsonValue {
  if (holder === undefined) return null
  const { host, pid, purpose, since } = holder
  return { host, pid, purpose, since }
}
