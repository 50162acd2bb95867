import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { isSystemError } from '../errors/system-error.js'

/**
 * What the operating system says about a process id.
 *
 * `hidden` means that a process has the id but nothing more can be learnt about it. `start` tells two
 * processes with the same id apart; it is empty where it cannot be learnt.
 */
export interface ProcessEntry {
  readonly presence: 'absent' | 'zombie' | 'present' | 'hidden'
  readonly start: string
}

/** Looks a process up without waiting; never throws for a process that is gone or belongs to another user. */
export function lookUpProcess(pid: number): ProcessEntry {
  if (!existsForUs(pid)) return { presence: 'absent', start: '' }
  return process.platform === 'linux' ? lookUpInProc(pid) : lookUpSparingly(pid)
}

let last: { pid: number; askedAt: number; entry: ProcessEntry } | undefined

// A lock is polled every few milliseconds, and starting ps takes as long as that.
function lookUpSparingly(pid: number): ProcessEntry {
  const now = performance.now()
  if (last?.pid !== pid || now - last.askedAt > 500) last = { pid, askedAt: now, entry: lookUpWithPs(pid) }
  return last.entry
}

function existsForUs(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    if (isSystemError(error, 'ESRCH')) return false
    if (isSystemError(error, 'EPERM')) return true
    throw error
  }
}

function lookUpInProc(pid: number): ProcessEntry {
  try {
    return parseProcStat(readFileSync(`/proc/${pid}/stat`, 'latin1'))
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ESRCH', 'EACCES', 'EPERM')) throw error
    // It may have ended just now, or /proc is mounted with hidepid.
    return { presence: existsForUs(pid) ? 'hidden' : 'absent', start: '' }
  }
}

/** Reads the state (field 3) and the start time (field 22) of a line of `/proc/<pid>/stat`, see proc(5). */
export function parseProcStat(line: string): ProcessEntry {
  // The command's name stands in parentheses and may itself hold spaces and parentheses.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ')
  const [state = '', start = ''] = [fields[0], fields[19]]
  if (state === 'Z' || state === 'X' || state === 'x') return { presence: 'zombie', start }
  return { presence: start === '' ? 'hidden' : 'present', start }
}

/** The processes of this process-id namespace, as `/proc` lists them. */
export interface ProcessList {
  readonly ids: readonly number[]
  /** `unsure` where there is no `/proc`, where it is another namespace's, or where it hides other users' processes. */
  readonly completeness: 'all' | 'unsure'
}

/** Lists all processes that can be seen; none where process ids in `/proc` are not those that signals go to. */
export function listProcesses(): ProcessList {
  if (process.platform !== 'linux' || !isOurProc()) return { ids: [], completeness: 'unsure' }
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  // Mounted with hidepid, /proc shows nothing of the first process, which is not ours.
  return { ids: ids.map(Number), completeness: lookUpInProc(1).start === '' ? 'unsure' : 'all' }
}

function isOurProc(): boolean {
  try {
    return readlinkSync('/proc/self') === String(process.pid)
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'EACCES', 'EPERM')) return false
    throw error
  }
}

/** `lookUpProcess` through `ps`, for systems without `/proc`; precise to a second. */
export function lookUpWithPs(pid: number): ProcessEntry {
  try {
    return parsePs(runPs(pid))
  } catch (error) {
    if (hasExitStatus(error)) return { presence: 'absent', start: '' }
    // Windows and minimal images have no ps.
    if (isSystemError(error, 'ENOENT', 'EACCES', 'ETIMEDOUT')) return { presence: 'hidden', start: '' }
    throw error
  }
}

function runPs(pid: number): string {
  // lstart is written in the caller's language and time zone.
  const env = { PATH: process.env['PATH'] ?? '/bin:/usr/bin', LC_ALL: 'C', TZ: 'UTC' }
  return execFileSync('ps', ['-o', 'stat=', '-o', 'lstart=', '-p', String(pid)], {
    encoding: 'latin1',
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: 2_000,
  })
}

function parsePs(output: string): ProcessEntry {
  const [state = '', ...date] = output.trim().split(/\s+/)
  if (state === '') return { presence: 'absent', start: '' }
  return { presence: state.startsWith('Z') ? 'zombie' : 'present', start: date.join(' ') }
}

function hasExitStatus(error: unknown): boolean {
  return error instanceof Error && 'status' in error && typeof error.status === 'number'
}
