import { join } from 'node:path'
import { readPlainBytes, tampered } from './plain-files.js'
import type { ReflogEntry } from './reflog-entry.js'
import { parseLogs, parseRefs, type Records, type RefValue } from './reftable-table.js'
import { TableBudget } from './table-budget.js'

const MAX_TABLE_BYTES = 256 * 1024 * 1024
const MAX_LIST_BYTES = 1024 * 1024
/** git merges tables at any time, and removes those that it has merged. */
const ATTEMPTS = 50
const TABLE_NAME = /^[0-9A-Za-z][0-9A-Za-z_-]*\.(?:ref|log)$/

/**
 * The refs that a folder `reftable` of a git dir has, read as plain files: git is not asked, and no setting is obeyed.
 * None where there is no such folder.
 *
 * @throws IntegrityError TAMPERED for one that cannot be read.
 */
export function readTableRefs(gitDir: string): Promise<ReadonlyMap<string, RefValue>> {
  return readStack(gitDir, parseRefs)
}

/** Its reflogs, the oldest entry of each first. */
export async function readTableLogs(gitDir: string): Promise<ReadonlyMap<string, readonly ReflogEntry[]>> {
  return logsOf(await readStack(gitDir, parseLogs))
}

type Parse<Value> = (bytes: Buffer, budget: TableBudget) => Records<Value>

async function readStack<Value>(gitDir: string, parse: Parse<Value>): Promise<Map<string, Value>> {
  const folder = join(gitDir, 'reftable')
  const budget = new TableBudget()
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const tables = await readTables(folder, (bytes) => {
      budget.spend(bytes.length)
      return parse(bytes, budget)
    })
    if (tables !== undefined) return merged(tables)
  }
  throw tampered('a table of refs is missing', folder)
}

/** Undefined where one is gone by now. */
async function readTables<Value>(
  folder: string,
  parse: (bytes: Buffer) => Records<Value>,
): Promise<Records<Value>[] | undefined> {
  const list = (await readPlainBytes(join(folder, 'tables.list'), MAX_LIST_BYTES))?.toString('utf8') ?? ''
  const names = list.split('\n').filter((name) => name !== '')
  const tables: Records<Value>[] = []
  for (const name of names) {
    const path = join(folder, name)
    if (!TABLE_NAME.test(name)) throw tampered('a table of refs has an odd name', folder)
    const bytes = await readPlainBytes(path, MAX_TABLE_BYTES)
    if (bytes === undefined) return undefined
    tables.push(parsed(bytes, path, parse))
  }
  return tables
}

function parsed<Value>(
  bytes: Buffer,
  path: string,
  parse: (bytes: Buffer) => Records<Value>,
): Records<Value> {
  try {
    return parse(bytes)
  } catch (error) {
    if (!(error instanceof RangeError)) throw error
    throw tampered('a table of refs cannot be read', path)
  }
}

/** What a newer table says counts, also that something is no more. */
function merged<Value>(tables: readonly Records<Value>[]): Map<string, Value> {
  const all = new Map<string, Value>()
  for (const [key, value] of tables.flatMap((table) => [...table])) {
    if (value === undefined) all.delete(key)
    else all.set(key, value)
  }
  return all
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
