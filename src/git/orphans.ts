import { setTimeout as delay } from 'node:timers/promises'
import { isSystemError } from '../errors/system-error.js'
import { isSameProcessAlive, type ProcessIdentity } from '../fs/process-identity.js'
import { listProcesses, lookUpProcess } from '../fs/process-table.js'
import { linkOf, lookAtEach, readOf } from './process-look.js'
import { starterIn } from './started-by.js'

/** How long killed processes may take to go. One that waits for a disk or a network drive cannot be hurried. */
const PATIENCE_MS = 5_000
const POLL_MS = 10

interface Orphan {
  readonly pid: number
  /** Tells it from a later process with the same id. */
  readonly start: string
}

/**
 * Ends the git processes, with their helpers, that a killed orchestrator on this machine has left running.
 * Resolves when they are gone, to their number; what is still there after five seconds is left to itself.
 *
 * Left alone are those whose starter lives or cannot be looked at (other hosts and containers), processes of
 * other users, and a daemon that a helper has started: something that leads a session of its own and has
 * let go of our pipes, as gpg-agent does. Without `/proc` (macOS, Windows) nothing is found: 0.
 */
export async function endOrphans(): Promise<number> {
  const deadline = performance.now() + PATIENCE_MS
  let total = 0
  for (;;) {
    // Looked for again after each round: one may have started another while it was being looked at.
    const killed = (await findOrphans()).filter(kill)
    const ended = await countGone(killed, deadline)
    total += ended
    if (ended === 0 || performance.now() >= deadline) return total
  }
}

async function findOrphans(): Promise<Orphan[]> {
  const isDead = starterIsDead()
  return lookAtEach(listProcesses().ids, (pid) => {
    if (pid === process.pid || !isDead(pid)) return []
    const { presence, start } = lookUpProcess(pid)
    // Asked once more, so that the answer and the start time are of one and the same process.
    return presence === 'present' && isDead(pid) && !isDaemon(pid) ? [{ pid, start }] : []
  })
}

/** One dead orchestrator may have left many processes; it is looked up once. */
function starterIsDead(): (pid: number) => boolean {
  const known = new Map<string, boolean>()
  return (pid) => {
    const starter = starterIn(readOf(pid, 'environ'))
    if (starter === undefined) return false
    const name = JSON.stringify(starter)
    const isDead = known.get(name) ?? isGone(starter)
    known.set(name, isDead)
    return isDead
  }
}

const isGone = (starter: ProcessIdentity) => isSameProcessAlive(starter) === 'dead'

/** Every git that we start leads a session too, but with our pipes (proc(5): field 6 of `stat` is the session). */
function isDaemon(pid: number): boolean {
  const stat = readOf(pid, 'stat')
  const session = stat.slice(stat.lastIndexOf(')') + 2).split(' ', 4)[3]
  return session === String(pid) && !/^(?:socket|pipe):/.test(linkOf(pid, 'fd/2'))
}

function kill(orphan: Orphan): boolean {
  if (!isThere(orphan)) return false
  try {
    return process.kill(orphan.pid, 'SIGKILL')
  } catch (error) {
    // It ended just now, or has become another user's.
    if (isSystemError(error, 'ESRCH', 'EPERM')) return false
    throw error
  }
}

async function countGone(killed: readonly Orphan[], deadline: number): Promise<number> {
  while (killed.some(isThere) && performance.now() < deadline) await delay(POLL_MS)
  return killed.filter((orphan) => !isThere(orphan)).length
}

function isThere({ pid, start }: Orphan): boolean {
  const now = lookUpProcess(pid)
  return now.presence === 'present' && now.start === start
}
