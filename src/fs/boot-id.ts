import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { readFileSync, readlinkSync } from 'node:fs'
import { isSystemError } from '../errors/system-error.js'

/** How another process's boot id relates to ours, given that both name the same host. */
export type BootRelation = 'same boot' | 'earlier boot' | 'elsewhere'

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

/** Compares two boot ids of the same host name; a part that one of them lacks says nothing. */
export function compareBoots(theirs: string, ours: string): BootRelation {
  const [theirBoot, theirNamespace, theirMachine] = theirs.split('/')
  const [ourBoot, ourNamespace, ourMachine] = ours.split('/')
  if (differ(theirMachine, ourMachine)) return 'elsewhere'
  if (differ(theirBoot, ourBoot)) return 'earlier boot'
  return differ(theirNamespace, ourNamespace) ? 'elsewhere' : 'same boot'
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
