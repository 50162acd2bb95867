import { setTimeout as later } from 'node:timers/promises'
import { headerCount } from '../git/header-count.js'
import type { SessionRecord } from '../model/session-record.js'
import { indexFileOf } from './index-file.js'
import type { Services } from './services.js'
import type { Emptying } from './task-trash.js'

/** Counting the blocks of so many files takes some 20 ms; of more it is a part of the whole that callers notice. */
const FEW_FILES = 10_000

/** The checkout may have many more files than it was made with. */
const PATIENCE_MS = 1_000

/** Who does not wait for a long count: a cleanup. A sweep has the time. */
export type Counting = 'all' | 'few files only'

/** Which of the two it is to be for a workspace, while our copy of its index is still there. */
export async function countingFor(
  services: Services,
  record: SessionRecord,
  wished: Counting,
): Promise<'wait' | 'tell later'> {
  if (wished === 'all') return 'wait'
  return (await headerCount(indexFileOf(services, record))) > FEW_FILES ? 'tell later' : 'wait'
}

/** The bytes that come free; undefined where they are told later, by the event `cleanup.freed`. */
export async function countFreed(
  emptying: Emptying,
  counting: 'wait' | 'tell later',
): Promise<number | undefined> {
  const counted = counting === 'wait' ? await withinPatience(emptying.freedBytes) : undefined
  if (counted === undefined) emptying.tellLater()
  return counted
}

async function withinPatience(counting: Promise<number>): Promise<number | undefined> {
  const done = new AbortController()
  const patience = later(PATIENCE_MS, undefined, { signal: done.signal }).catch((error: unknown) => {
    if (!done.signal.aborted) throw error
  })
  try {
    return (await Promise.race([counting, patience])) ?? undefined
  } finally {
    done.abort()
  }
}
