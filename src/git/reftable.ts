import { join } from 'node:path'
import { readPlainBytes, tampered } from './plain-files.js'
import type { ReflogEntry } from './reflog-entry.js'
import { parseTable, type RefValue, type Table } from './reftable-table.js'

/** All refs and reflogs that a folder `reftable` of a git dir has. */
export interface Reftable {
  readonly refs: ReadonlyMap<string, RefValue>
  /** The oldest entry first. */
  readonly logs: ReadonlyMap<string, readonly ReflogEntry[]>
}

const MAX_TABLE_BYTES = 256 * 1024 * 1024
const MAX_LIST_BYTES = 1024 * 1024
/** git merges tables at any time, and removes those that it has merged. */
const ATTEMPTS = 50
const TABLE_NAME = /^[0-9A-Za-z][0-9A-Za-z_-]*\.(?:ref|log)$/

/**
 * Reads a stack of tables as plain files: git is not asked, and no setting is obeyed. Empty where there is none.
 *
 * @throws IntegrityError TAMPERED for one that cannot be read.
 */
export async function readReftable(gitDir: string): Promise<Reftable> {
  const folder = join(gitDir, 'reftable')
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const tables = await readTables(folder)
    if (tables !== undefined) return merged(tables)
  }
  throw tampered('a table of refs is missing', folder)
}

/** Undefined where one is gone by now. */
async function readTables(folder: string): Promise<Table[] | undefined> {
  const list = (await readPlainBytes(join(folder, 'tables.list'), MAX_LIST_BYTES))?.toString('utf8') ?? ''
  const names = list.split('\n').filter((name) => name !== '')
  const tables: Table[] = []
  for (const name of names) {
    const path = join(folder, name)
    if (!TABLE_NAME.test(name)) throw tampered('a table of refs has an odd name', folder)
    const bytes = await readPlainBytes(path, MAX_TABLE_BYTES)
    if (bytes === undefined) return undefined
    tables.push(parsed(bytes, path))
  }
  return tables
}

function parsed(bytes: Buffer, path: string): Table {
  try {
    return parseTable(bytes)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw tampered('a table of refs cannot be read', path)
  }
}

/** What a newer table says counts, also that something is no more. */
function merged(tables: readonly Table[]): Reftable {
  const refs = new Map<string, RefValue>()
  const entries = new Map<string, ReflogEntry>()
  for (const table of tables) {
    for (const [ref, value] of table.refs) setOrDelete(refs, ref, value)
    for (const [key, entry] of table.logs) setOrDelete(entries, key, entry)
  }
  return { refs, logs: logsOf(entries) }
}

function setOrDelete<T>(map: Map<string, T>, key: string, value: T | undefined): void {
  if (value === undefined) map.delete(key)
  else map.set(key, value)
}

/** The keys of a ref's entries fall while it goes on. An entry without objects only says that there is a reflog. */
function logsOf(entries: ReadonlyMap<string, ReflogEntry>): Map<string, ReflogEntry[]> {
  const logs = new Map<string, ReflogEntry[]>()
  for (const key of [...entries.keys()].sort().reverse()) {
    const ref = Buffer.from(key.slice(0, key.indexOf('\0')), 'latin1').toString('utf8')
    const entry = entries.get(key)
    const log = logs.get(ref) ?? []
    if (entry !== undefined && !/^0+$/.test(entry.before + entry.after)) log.push(entry)
    logs.set(ref, log)
  }
  return logs
}
