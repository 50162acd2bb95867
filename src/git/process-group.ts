import { readdirSync, readFileSync } from 'node:fs'
import { onExit } from 'signal-exit'
import { isSystemError } from '../errors/system-error.js'

// Windows has no process groups: there the leader alone is stopped, and its helpers end with their pipes.
const hasGroups = process.platform !== 'win32'

/** Whether a child must be spawned `detached` to lead a group of its own. */
export const leadsOwnGroup = hasGroups

const running = new Set<number>()
let stopWatching: (() => void) | undefined

/**
 * Remembers a group, so that it does not outlive this process: neither when that exits, nor when a signal that
 * nobody handles ends it (Ctrl-C at a program that has no handler of its own).
 */
export function adoptGroup(leader: number): void {
  stopWatching ??= onExit(killRunningGroups)
  running.add(leader)
}

/** Forgets a group that is gone. */
export function releaseGroup(leader: number): void {
  running.delete(leader)
  if (running.size > 0) return
  stopWatching?.()
  stopWatching = undefined
}

/** Sends a signal to every process of the group; answers whether there was one. */
export function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(hasGroups ? -leader : leader, signal)
  } catch (error) {
    if (isSystemError(error, 'ESRCH')) return false
    // A member that changed its user id cannot be signalled, but it is there.
    if (isSystemError(error, 'EPERM')) return true
    throw error
  }
}

/** Whether any process of the group still runs, as far as this process can see. */
export function isGroupAlive(leader: number): boolean {
  return signalGroup(leader, 0) && !holdsOnlyZombies(leader)
}

/** In a container whose first process reaps nobody, orphans that have ended stay in the group for ever. */
function holdsOnlyZombies(leader: number): boolean {
  if (process.platform !== 'linux') return false
  const states = readdirSync('/proc').flatMap((name) =>
    /^\d+$/.test(name) ? stateInGroup(name, leader) : [],
  )
  return states.every((state) => state === 'Z' || state === 'X')
}

/** The state letter of a process if it is of the group (proc(5), `/proc/<pid>/stat`: pid, (name), state, ppid, pgrp). */
function stateInGroup(pid: string, leader: number): string[] {
  const stat = statOf(pid)
  const [state = '', , group] = stat.slice(stat.lastIndexOf(')') + 2).split(' ', 3)
  return Number(group) === leader ? [state] : []
}

function statOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch (error) {
    // It has ended since the folder was read, or is hidden from this user.
    if (isSystemError(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM')) return ''
    throw error
  }
}

function killRunningGroups(): void {
  for (const leader of running) signalGroup(leader, 'SIGKILL')
}
