import { join } from 'node:path'
import { kindOf } from '../fs/presence.js'
import { plainFilesBelow, readPlain, tampered } from './plain-files.js'
import type { RefStore, RefsBelow } from './ref-store.js'
import type { ReflogEntry } from './reflog-entry.js'
import { readTableLogs, readTableRefs } from './reftable.js'
import type { RefValue } from './reftable-table.js'

/** What git writes into HEAD where it is not what counts. */
export const HEAD_STUB = 'ref: refs/heads/.invalid\n'
const MAX_HEAD_BYTES = 4096

/** The "reftable" ref storage: everything is in tables, a worktree's own refs in tables of its own. */
export const reftableRefs: RefStore = {
  async value(folder: string, ref: string): Promise<RefValue | undefined> {
    return (await refsIn(folder)).get(ref)
  },

  async refs(folder: string, prefixes: readonly string[]): Promise<RefsBelow> {
    const refs = await refsIn(folder)
    const isWanted = (ref: string) => prefixes.some((prefix) => ref.startsWith(prefix))
    const symbolic = [...refs].flatMap(([ref, value]) => ('target' in value && isWanted(ref) ? [ref] : []))
    return { objects: objectsOf(refs, isWanted), symbolic }
  },

  async names(folder: string, prefix: string): Promise<string[]> {
    const names = [...(await refsIn(folder)).keys()].filter((ref) => ref.startsWith(prefix))
    return names.map((ref) => ref.slice(prefix.length))
  },

  async reflog(folder: string, ref: string): Promise<ReflogEntry[]> {
    return [...((await logsIn(folder)).get(ref) ?? [])]
  },

  async reflogNames(folder: string): Promise<string[]> {
    return [...(await logsIn(folder)).keys()].filter((ref) => ref.startsWith('refs/'))
  },

  async rootRefs(folder: string): Promise<Map<string, string>> {
    return objectsOf(await refsIn(folder), (ref) => ref !== 'HEAD' && !ref.startsWith('refs/'))
  },
}

type Refs = ReadonlyMap<string, RefValue>

function objectsOf(refs: Refs, isWanted: (ref: string) => boolean): Map<string, string> {
  const objects = new Map<string, string>()
  for (const [ref, value] of refs) if (isWanted(ref) && 'oid' in value) objects.set(ref, value.oid)
  return objects
}

async function refsIn(folder: string): Promise<Refs> {
  return (await stateOf(folder)) === 'gone' ? new Map() : readTableRefs(folder)
}

async function logsIn(folder: string): Promise<ReadonlyMap<string, readonly ReflogEntry[]>> {
  return (await stateOf(folder)) === 'gone' ? new Map() : readTableLogs(folder)
}

/** @throws IntegrityError TAMPERED where there is anything beside the tables that another storage would read. */
async function stateOf(folder: string): Promise<'gone' | 'there'> {
  if ((await kindOf(folder)) === 'absent') return 'gone'
  const head = await readPlain(join(folder, 'HEAD'), MAX_HEAD_BYTES)
  if (head?.trim() !== HEAD_STUB.trim()) throw mixed(join(folder, 'HEAD'))
  for (const name of ['refs/heads', 'packed-refs']) {
    const kind = await kindOf(join(folder, name))
    if (kind !== 'absent' && !(kind === 'file' && name === 'refs/heads')) throw mixed(join(folder, name))
  }
  const [log] = await plainFilesBelow(join(folder, 'logs'))
  if (log !== undefined) throw mixed(join(folder, 'logs', log))
  return 'there'
}

function mixed(path: string) {
  return tampered('the refs of the repository are kept in two ways', path)
}
