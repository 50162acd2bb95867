import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { IntegrityError } from '../errors/workspace-error.js'
import { parseJson } from '../model/json-text.js'
import { namesIn } from './presence.js'
import type { ProcessIdentity } from './process-identity.js'

/** Who holds a lock: the content of the file `holder-<token>.json` inside the lock's directory. */
export interface LockHolder extends ProcessIdentity {
  /** Unique to one acquisition. It is also in the file's name, so that deleting the file is conditional on it. */
  readonly token: string
  readonly purpose: string
  /** When the lock was taken, ISO 8601 UTC. */
  readonly since: string
}

/** What a lock's directory shows. A directory without a holder's file is free, whoever left it. */
export type LockView = { readonly state: 'free' } | HeldLock

export interface HeldLock {
  readonly state: 'held'
  readonly token: string
  /** The holder's file. */
  readonly file: string
  readonly holder?: LockHolder
}

const HOLDER_NAME = /^holder-([0-9a-f-]{36})\.json$/

export function holderFileName(token: string): string {
  return `holder-${token}.json`
}

/**
 * Reads who holds the lock (or the claim) in this directory; a holder's file that cannot be understood, or may not
 * be read, leaves `holder` out.
 *
 * @throws IntegrityError TAMPERED when something that is not a directory stands there, or a folder in the place of
 * the holder's file.
 */
export async function readLock(directory: string): Promise<LockView> {
  const token = await findToken(directory)
  if (token === undefined) return { state: 'free' }
  const file = join(directory, holderFileName(token))
  const text = await readHolderFile(file)
  if (text === undefined) return { state: 'free' }
  const holder = parseHolder(text, token)
  return { state: 'held', token, file, ...(holder && { holder }) }
}

async function findToken(directory: string): Promise<string | undefined> {
  try {
    const names = await readdir(directory)
    return names.map((name) => HOLDER_NAME.exec(name)?.[1]).find((token) => token !== undefined)
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined
    if (isSystemError(error, 'ENOTDIR')) throw notADirectory(directory, error)
    throw error
  }
}

/** What is in a lock's directory besides its holder's file, as paths: it keeps the directory from being replaced. */
export async function strangersIn(directory: string): Promise<string[]> {
  const names = (await namesIn(directory)).filter((name) => !HOLDER_NAME.test(name))
  return names.map((name) => join(directory, name))
}

/** Something else stands where a lock's directory belongs. */
export function notADirectory(path: string, cause: unknown): IntegrityError {
  return new IntegrityError('TAMPERED', `the lock ${path} is not a directory`, { data: { path }, cause })
}

/** When a file was last modified, in milliseconds; undefined when it is absent. */
export async function modifiedAt(file: string): Promise<number | undefined> {
  try {
    return (await stat(file)).mtimeMs
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR')) return undefined
    throw error
  }
}

async function readHolderFile(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined
    // Another user's: its heartbeat can be seen all the same.
    if (isSystemError(error, 'EACCES', 'EPERM')) return ''
    if (!isSystemError(error, 'EISDIR', 'ELOOP', 'ENOTDIR')) throw error
    throw new IntegrityError('TAMPERED', `the holder of a lock is not a file: ${file}`, {
      data: { path: file },
      cause: error,
    })
  }
}

function parseHolder(text: string, token: string): LockHolder | undefined {
  const fields = parseObject(text)
  const { host, bootId, pid, processStart, purpose, since } = fields
  if (typeof host !== 'string' || typeof bootId !== 'string' || typeof processStart !== 'string')
    return undefined
  if (typeof pid !== 'number' || typeof purpose !== 'string' || typeof since !== 'string') return undefined
  return fields['token'] === token ? { host, bootId, pid, processStart, token, purpose, since } : undefined
}

function parseObject(text: string): Partial<Record<string, unknown>> {
  // A power cut can leave the file empty; its holder is then judged by its heartbeat alone.
  const value = parseJson(text)
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
