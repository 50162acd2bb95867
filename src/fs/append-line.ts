import { randomInt } from 'node:crypto'
import {
  closeSync,
  constants,
  fchmodSync,
  fstatSync,
  openSync,
  readSync,
  renameSync,
  type Stats,
  writeSync,
} from 'node:fs'
import { systemErrorCode } from '../errors/system-error.js'
import { IntegrityError } from '../errors/workspace-error.js'

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_NONBLOCK, O_RDWR } = constants
// Opening a pipe would otherwise wait for its reader.
const FLAGS = O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK
const MODE = 0o600
const NEWLINE = 0x0a

/**
 * Appends one line in a single write, which the system keeps whole among writers of any number of processes. When
 * the file has grown over its limit it is given a numbered name and the next line begins a new one; a writer
 * that had it open still writes into it, so that no line is lost.
 *
 * A file that has a second name, by a hard link, is set aside without being written to. A line that a full disk or a
 * power cut tore stays a line of its own: the next one begins behind it.
 * Synchronous, so that the line is there before the caller goes on. Nothing happens where the folder is missing.
 *
 * @throws IntegrityError DISK_FULL, or TAMPERED where a link or anything but a file stands in the file's place.
 */
export function appendLine(file: string, line: string, maxBytes: number): void {
  try {
    const size = append(file, `${line}\n`)
    if (size > maxBytes) setAside(file, (now) => now.size >= size)
  } catch (error) {
    const code = systemErrorCode(error)
    if (code === 'ENOENT') return
    throw typedFailure(error, code, file)
  }
}

function append(file: string, text: string): number {
  const descriptor = openAlone(file)
  try {
    writeAll(descriptor, Buffer.from(isTorn(descriptor) ? `\n${text}` : text), file)
    return fstatSync(descriptor).size
  } finally {
    closeSync(descriptor)
  }
}

/** Whatever else the file is called, by that name it is not the log. */
function openAlone(file: string): number {
  for (;;) {
    const descriptor = openSync(file, FLAGS, MODE)
    const found = fstatSync(descriptor)
    if (found.isFile() && found.nlink < 2) return descriptor
    closeSync(descriptor)
    if (!found.isFile()) throw tampered(file, 'no regular file')
    setAside(file, (now) => now.nlink > 1)
  }
}

function isTorn(descriptor: number): boolean {
  if (endsWhole(descriptor)) return false
  // Another process may be in the middle of its write, which a change of the file's mode waits for.
  fchmodSync(descriptor, MODE)
  return !endsWhole(descriptor)
}

function endsWhole(descriptor: number): boolean {
  const { size } = fstatSync(descriptor)
  if (size === 0) return true
  const last = Buffer.alloc(1)
  return readSync(descriptor, last, 0, 1, size - 1) === 1 && last[0] === NEWLINE
}

/** The system may write a part only; on a full disk the second write is the one that fails. */
function writeAll(descriptor: number, bytes: Buffer, file: string): void {
  for (let done = 0; done < bytes.length; ) {
    const written = writeSync(descriptor, bytes, done)
    if (written === 0) throw diskFull(file)
    done += written
  }
}

/** By a name that nobody else chooses: two writers may both find a reason, and none may hit the other's. */
function setAside(file: string, isStill: (now: Stats) => boolean): void {
  const descriptor = openSync(file, FLAGS & ~O_CREAT)
  try {
    // Another writer was faster; this one is new.
    if (!isStill(fstatSync(descriptor))) return
    renameSync(file, `${file}.${Date.now()}${String(randomInt(1_000_000)).padStart(6, '0')}`)
  } finally {
    closeSync(descriptor)
  }
}

function typedFailure(error: unknown, code: string | undefined, file: string): unknown {
  if (code === 'ENOSPC' || code === 'EDQUOT') return diskFull(file, error)
  if (code === 'ELOOP' || code === 'EMLINK') return tampered(file, 'a link', error)
  if (code === 'EISDIR' || code === 'ENXIO') return tampered(file, 'no regular file', error)
  return error
}

function diskFull(file: string, cause?: unknown): IntegrityError {
  return new IntegrityError('DISK_FULL', 'no room for a line of the audit log', { data: { file }, cause })
}

function tampered(file: string, what: string, cause?: unknown): IntegrityError {
  return new IntegrityError('TAMPERED', `the audit log is ${what}`, { data: { file }, cause })
}
