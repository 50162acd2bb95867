import { readFileSync, readlinkSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { isSystemError } from '../errors/system-error.js'

/** Processes looked at before the event loop has its turn: each costs about 0.04 ms. */
const SLICE = 25

/** Asks for each process in turn, without keeping the event loop for more than a few milliseconds at a time. */
export async function lookAtEach<T>(pids: readonly number[], look: (pid: number) => T[]): Promise<T[]> {
  const found: T[] = []
  for (const [index, pid] of pids.entries()) {
    if (index % SLICE === SLICE - 1) await nextTurn()
    found.push(...look(pid))
  }
  return found
}

/** A file of `/proc/<pid>`; empty when the process has ended or is not ours to look at. */
export function readOf(pid: number, file: 'stat' | 'environ' | 'cmdline'): string {
  return ifVisible(() => readFileSync(`/proc/${pid}/${file}`, 'utf8'))
}

/** Where a link of `/proc/<pid>` leads; empty when the process has ended or is not ours to look at. */
export function linkOf(pid: number, link: string): string {
  return ifVisible(() => readlinkSync(`/proc/${pid}/${link}`))
}

function ifVisible(read: () => string): string {
  try {
    return read()
  } catch (error) {
    // ENAMETOOLONG: the kernel tells no path of more than a page.
    if (isSystemError(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM', 'ENAMETOOLONG')) return ''
    throw error
  }
}
