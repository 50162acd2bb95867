import { hostname } from 'node:os'
import { type BootRelation, compareBoots, readBootId } from './boot-id.js'
import { lookUpProcess } from './process-table.js'

/** Names one process for good: a process id alone is given out again. */
export interface ProcessIdentity {
  readonly host: string
  /** Changes with every start of the machine; opaque, empty where it cannot be learnt. */
  readonly bootId: string
  readonly pid: number
  /** When the process started, in the platform's own words; opaque, empty where it cannot be learnt. */
  readonly processStart: string
}

let own: ProcessIdentity | undefined

/** The identity of this process; read once. */
export function currentProcess(): ProcessIdentity {
  own ??= Object.freeze({
    host: hostname(),
    bootId: readBootId(),
    pid: process.pid,
    processStart: lookUpProcess(process.pid).start,
  })
  return own
}

/**
 * Whether the process with this identity still runs.
 *
 * `dead` is certain: the process id is gone, belongs to a zombie or to a process that started at another
 * time, or the machine was restarted. A stopped (SIGSTOP) process is `alive`. `unknown` is said of other
 * hosts, of other process-id namespaces (containers) on this host, and of processes that cannot be looked at.
 */
export function isSameProcessAlive(identity: ProcessIdentity): 'alive' | 'dead' | 'unknown' {
  const self = currentProcess()
  if (identity.host !== self.host || !Number.isSafeInteger(identity.pid) || identity.pid < 1) return 'unknown'
  const answers: Record<BootRelation, () => 'alive' | 'dead' | 'unknown'> = {
    elsewhere: () => 'unknown',
    'earlier boot': () => 'dead',
    'same boot': () => checkProcess(identity),
  }
  return answers[compareBoots(identity.bootId, self.bootId)]()
}

function checkProcess(identity: ProcessIdentity): 'alive' | 'dead' | 'unknown' {
  const { presence, start } = lookUpProcess(identity.pid)
  if (presence === 'absent' || presence === 'zombie') return 'dead'
  if (start !== '' && identity.processStart !== '') return start === identity.processStart ? 'alive' : 'dead'
  return 'unknown'
}
