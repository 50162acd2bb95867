import { closeSync, constants, fstatSync, linkSync, openSync, unlinkSync, writeSync } from 'node:fs'
import { systemErrorCode } from '../errors/system-error.js'
import { IntegrityError } from '../errors/workspace-error.js'

const { O_APPEND, O_CREAT, O_NOFOLLOW, O_WRONLY } = constants
const FLAGS = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW

/**
 * Appends one line in a single write, which the system keeps whole among writers of any number of processes. When
 * the file has grown over its limit it is given a numbered name and the next line begins a new one; a writer
 * that had it open still writes into it, so that no line is lost.
 *
 * Synchronous, so that the line is there before the caller goes on. Nothing happens where the folder is missing.
 *
 * @throws IntegrityError DISK_FULL, or TAMPERED where a link stands in the file's place.
 */
export function appendLine(file: string, line: string, maxBytes: number): void {
  try {
    const size = append(file, `${line}\n`)
    if (size > maxBytes) setAside(file, size)
  } catch (error) {
    const code = systemErrorCode(error)
    if (code === 'ENOENT') return
    throw typedFailure(error, code, file)
  }
}

function append(file: string, text: string): number {
  const descriptor = openSync(file, FLAGS, 0o600)
  try {
    writeSync(descriptor, text)
    return fstatSync(descriptor).size
  } finally {
    closeSync(descriptor)
  }
}

/** Two writers may both find it too large: only the one whose `link` succeeds takes the old name away. */
function setAside(file: string, size: number): void {
  const descriptor = openSync(file, O_WRONLY | O_NOFOLLOW)
  try {
    const { ino, size: now } = fstatSync(descriptor)
    if (now < size) return
    linkSync(file, `${file}.${ino}`)
    unlinkSync(file)
  } catch (error) {
    if (!['EEXIST', 'ENOENT'].includes(systemErrorCode(error) ?? '')) throw error
  } finally {
    closeSync(descriptor)
  }
}

function typedFailure(error: unknown, code: string | undefined, file: string): unknown {
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new IntegrityError('DISK_FULL', 'no room for a line of the audit log', {
      data: { file },
      cause: error,
    })
  }
  if (code === 'ELOOP' || code === 'EMLINK') {
    return new IntegrityError('TAMPERED', 'the audit log is a link', { data: { file }, cause: error })
  }
  return error
}
