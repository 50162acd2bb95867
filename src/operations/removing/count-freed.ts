import { setTimeout as later } from 'node:timers/promises'
import { firstImmutable } from '../../fs/immutable.js'
import { headerCount } from '../../git/header-count.js'
import type { CleanupReport } from '../../model/reports.js'
import type { SessionRecord } from '../../model/session-record.js'
import { indexFileOf } from '../looking/index-file.js'
import type { Services } from '../services.js'
import type { Emptying } from './task-trash.js'

/** Counting the blocks of so many files takes some 20 ms; of more it is a part of the whole that callers notice. */
const FEW_FILES = 10_000

/** The checkout may have many more files than it was made with. */
const PATIENCE_MS = 1_000

/** So many are looked at for what is immutable, within some milliseconds. */
const MOST_LOOKED_AT = 2_000

/** Who does not wait for long: a cleanup. A sweep has the time. */
export type Counting = 'all' | 'few files only'

/** What is waited for, in milliseconds. */
export interface Patience {
  readonly countingMs: number
  readonly deletingMs: number
}

export const PATIENT: Patience = { countingMs: PATIENCE_MS, deletingMs: PATIENCE_MS }

/** How much of it there is for a workspace, told while our copy of its index is still there. */
export async function patienceFor(
  services: Services,
  record: SessionRecord,
  wished: Counting,
): Promise<Patience> {
  if (wished === 'all') return PATIENT
  const files = await headerCount(indexFileOf(services, record))
  return { countingMs: files > FEW_FILES ? 0 : PATIENCE_MS, deletingMs: 0 }
}

/** What is known of a deletion in the background when a removal is at its end. */
export interface Emptied extends Pick<CleanupReport, 'freedBytes' | 'trash'> {
  /** What cannot be deleted. */
  readonly left: readonly string[]
}

/**
 * Bytes that are not known by then are told later, by the event `cleanup.freed`. What cannot be deleted is known where
 * the deletion was waited for, and of what is immutable at once.
 */
export async function countFreed(emptying: Emptying, patience: Patience): Promise<Emptied> {
  const { freedBytes, trash, tellLater } = emptying
  const counted = await within(patience.countingMs, freedBytes)
  if (counted === undefined) tellLater()
  const left = await within(patience.deletingMs, emptying.left)
  if (left?.length === 0) return { freedBytes: counted, left }
  const immutable = left ?? (await immutableAmong(emptying))
  // Of what is left nobody knows how much was freed.
  return immutable.length > 0 ? { trash, left: immutable } : { freedBytes: counted, trash, left: [] }
}

async function immutableAmong({ deleting }: Emptying): Promise<string[]> {
  const found = await Promise.all(deleting.map((path) => firstImmutable(path, MOST_LOOKED_AT)))
  return found.filter((path) => path !== undefined)
}

/** Why it is not reported as removed. */
export function describeLeft(left: readonly string[]): string {
  return `it is out of the way, and could not be deleted completely: ${left.join(', ')}`
}

async function within<T>(patienceMs: number, answer: Promise<T>): Promise<T | undefined> {
  if (patienceMs === 0) return undefined
  const done = new AbortController()
  const patience = later(patienceMs, undefined, { signal: done.signal }).catch((error: unknown) => {
    if (!done.signal.aborted) throw error
  })
  try {
    return (await Promise.race([answer, patience])) ?? undefined
  } finally {
    done.abort()
  }
}
