import { createHash } from 'node:crypto'
import { isOfContainer } from './boot-id.js'
import { currentProcess, isSameProcessAlive, type ProcessIdentity } from './process-identity.js'
import { lookUpProcess } from './process-table.js'

const TAG = /^([0-9a-f]{8})-(\d{1,10})-([0-9a-f]{8})$/

let own: string | undefined

/** Names this process in the name of a file, so that whoever finds the file can tell whether its maker still lives. */
export function processTag(): string {
  own ??= tagOf(currentProcess())
  return own
}

/**
 * Whether the process that a tag names still runs. `unknown` is said of other hosts, of other process-id
 * namespaces, of processes that cannot be looked at, and of text that is no tag.
 */
export function stateOfTag(tag: string): 'alive' | 'dead' | 'unknown' {
  const [, , pid] = TAG.exec(tag) ?? []
  if (pid === undefined) return 'unknown'
  const self = currentProcess()
  if (placeOf(self) !== tag.slice(0, 8)) return 'unknown'
  const { start } = lookUpProcess(Number(pid))
  const now: ProcessIdentity = { ...self, pid: Number(pid), processStart: start }
  const state = isSameProcessAlive(now)
  if (state === 'alive') return tagOf(now) === tag ? 'alive' : 'dead'
  return state
}

function tagOf(identity: ProcessIdentity): string {
  const { pid, bootId, processStart } = identity
  const [boot] = bootId.split('/')
  return `${placeOf(identity)}-${pid}-${fingerprint(`${boot}\0${processStart}`)}`
}

/**
 * The machine and the process-id namespace: only within one place do process ids mean the same. Of a container with the
 * boot, since on another machine there may be one with the same name, number and image.
 */
function placeOf({ host, bootId }: ProcessIdentity): string {
  const [boot, namespace, machine] = bootId.split('/')
  const parts = [host, namespace, machine, ...(isOfContainer(namespace) ? [boot] : [])]
  return fingerprint(parts.join('\0'))
}

function fingerprint(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 8)
}
