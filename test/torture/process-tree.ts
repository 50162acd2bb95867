import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

const POLL_MS = 5

/**
 * Ends a process and all that came from it at one moment, as a container's end does: everything is stopped first,
 * so that nothing is started meanwhile. Where there is no /proc only the process itself is ended.
 */
export function killTree(pid: number): void {
  const stopped = new Set<number>()
  for (let found = [pid]; found.length > 0; found = descendants(pid).filter((one) => !stopped.has(one))) {
    for (const one of found) {
      signal(one, 'SIGSTOP')
      stopped.add(one)
    }
  }
  for (const one of stopped) signal(one, 'SIGKILL')
}

/** Ends one process and leaves its children to go on as orphans. */
export function killAlone(pid: number): void {
  signal(pid, 'SIGKILL')
}

/**
 * Waits until no process but this one and its own children works below a folder; answers with the command lines of
 * those that do not end.
 */
export async function quiet(directory: string, patienceMs: number): Promise<string[]> {
  const end = performance.now() + patienceMs
  for (;;) {
    const left = workingIn(directory)
    if (left.length === 0 || performance.now() > end) return left
    await delay(POLL_MS)
  }
}

function descendants(ancestor: number): number[] {
  const parents = new Map(pids().map((pid) => [pid, parentOf(pid)]))
  const isBelow = (pid: number): boolean => {
    const parent = parents.get(pid)
    return parent !== undefined && (parent === ancestor || isBelow(parent))
  }
  return [...parents.keys()].filter(isBelow)
}

/** Processes that have the folder in their command line, their environment or as their current directory. */
function workingIn(directory: string): string[] {
  const own = new Set([process.pid, ...descendants(process.pid)])
  const others = pids().filter((pid) => !own.has(pid))
  return others.flatMap((pid) => {
    const command = textOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ').trim()
    const facts = [command, textOf(`/proc/${pid}/environ`), targetOf(`/proc/${pid}/cwd`)]
    return facts.some((fact) => fact.includes(directory)) ? [`${pid} ${command}`] : []
  })
}

function pids(): number[] {
  if (process.platform !== 'linux') return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
}

/** The fourth field of proc(5) stat; the second is a name in parentheses and may hold anything. */
function parentOf(pid: number): number | undefined {
  const stat = textOf(`/proc/${pid}/stat`)
  const [, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return parent === undefined ? undefined : Number(parent)
}

const textOf = (file: string) => orGone(() => readFileSync(file, 'latin1'))
const targetOf = (link: string) => orGone(() => readlinkSync(link))

/** Empty for a process that has ended since it was listed, or that belongs to somebody else. */
function orGone(read: () => string): string {
  try {
    return read()
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM')) return ''
    throw error
  }
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name)
  } catch (error) {
    if (!hasCode(error, 'ESRCH')) throw error
  }
}

function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code))
}
