import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { isSystemError } from '../errors/system-error.js'

/** How another process's boot id relates to ours, given that both name the same host. */
export type BootRelation = 'same boot' | 'earlier boot' | 'elsewhere'

/** The number of the namespace that a machine itself has (PROC_PID_INIT_INO in linux/proc_ns.h); no container has it. */
const MACHINES_OWN = '4026531836'

/**
 * Names this start of this machine, as `<boot>/<process-id namespace>/<machine>`.
 *
 * The last two keep containers and cloned machines apart that share a host name: their process ids
 * mean nothing here. A part that cannot be learnt is empty.
 */
export function readBootId(): string {
  if (process.platform === 'darwin') return `${readBootSession()}//`
  if (process.platform !== 'linux') return '//'
  const boot = ifReadable(() => readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim())
  const namespace = ifReadable(() => readlinkSync('/proc/self/ns/pid').replace(/\D/g, ''))
  const machine = ifReadable(() => readFileSync('/etc/machine-id', 'latin1').trim())
  return `${boot}/${namespace}/${fingerprint(machine)}`
}

/**
 * Compares two boot ids of the same host name; a part that one of them lacks says nothing. Of containers nobody can tell
 * whether another boot was earlier or is that of another machine: their machine ids are those of their image, if any.
 */
export function compareBoots(theirs: string, ours: string): BootRelation {
  const [theirBoot, theirNamespace, theirMachine] = theirs.split('/')
  const [ourBoot, ourNamespace, ourMachine] = ours.split('/')
  if (differ(theirMachine, ourMachine)) return 'elsewhere'
  const isContainers = Boolean(theirNamespace) && [theirNamespace, ourNamespace].some(isOfContainer)
  if (differ(theirBoot, ourBoot)) return isContainers ? 'elsewhere' : 'earlier boot'
  return differ(theirNamespace, ourNamespace) ? 'elsewhere' : 'same boot'
}

/** Whether a process-id namespace is known to be none that a machine itself has. */
export function isOfContainer(namespace: string | undefined): boolean {
  return differ(namespace, MACHINES_OWN)
}

function differ(left: string | undefined, right: string | undefined): boolean {
  return Boolean(left) && Boolean(right) && left !== right
}

function ifReadable(read: () => string): string {
  try {
    return read()
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'EACCES', 'EPERM')) return ''
    throw error
  }
}

// machine-id(5) asks that the id itself is not spread.
function fingerprint(machine: string): string {
  return machine === '' ? '' : createHash('sha256').update(machine).digest('hex').slice(0, 16)
}

// kern.boottime moves when the clock is set; the session's UUID does not.
function readBootSession(): string {
  return ifReadable(() =>
    execFileSync('/usr/sbin/sysctl', ['-n', 'kern.bootsessionuuid'], { encoding: 'latin1' }).trim(),
  )
}
