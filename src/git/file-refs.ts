import { join } from 'node:path'
import { type Entry, type EntryKind, entriesIn, kindOf } from '../fs/presence.js'
import { plainFilesBelow, readPlain, tampered } from './plain-files.js'
import { plainLines } from './plain-lines.js'
import type { RefStore, RefsBelow } from './ref-store.js'
import type { ReflogEntry } from './reflog-entry.js'
import type { RefValue } from './reftable-table.js'

const OID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/
const LINE = /^([0-9a-f]{40}|[0-9a-f]{64}) ([0-9a-f]{40}|[0-9a-f]{64}) ([^\t]*)(?:\t(.*))?$/
const MAX_REF_FILE_BYTES = 4096
const MAX_PACKED_REFS_BYTES = 64 * 1024 * 1024
const MAX_REFLOG_BYTES = 16 * 1024 * 1024
/** Twice as many as a source may have: what is kept of each takes some hundred bytes of memory. */
const MAX_REFS = 500_000

/** The "files" ref storage: gitrepository-layout(5). */
export const fileRefs: RefStore = {
  async value(folder: string, ref: string): Promise<RefValue | undefined> {
    const loose = (await readPlain(join(folder, ref), MAX_REF_FILE_BYTES))?.trim()
    if (loose !== undefined && OID.test(loose)) return { oid: loose }
    const packed = ref.startsWith('refs/') ? await packedValue(folder, ref) : undefined
    if (packed !== undefined) return { oid: packed }
    const target = /^ref: (refs\/.+)$/.exec(loose ?? '')?.[1]
    return target === undefined ? undefined : { target }
  },

  async refs(folder: string, prefixes: readonly string[]): Promise<RefsBelow> {
    const objects = await readPackedRefs(folder, prefixes)
    const symbolic: string[] = []
    for (const [ref, content] of await looseRefs(folder, prefixes)) {
      if (OID.test(content)) objects.set(ref, content)
      // git writes a ref under another name first; none can end in it.
      else if (!ref.endsWith('.lock')) symbolic.push(ref)
    }
    return { objects, symbolic }
  },

  async names(folder: string, prefix: string): Promise<string[]> {
    const packed = [...(await readPackedRefs(folder, [prefix])).keys()]
    const loose = await looseNames(join(folder, prefix), '')
    return [...new Set([...packed.map((ref) => ref.slice(prefix.length)), ...loose])]
  },

  /** A line that names no objects, such as one that a power cut has torn, says nothing. */
  async reflog(folder: string, ref: string): Promise<ReflogEntry[]> {
    const entries: ReflogEntry[] = []
    for await (const lines of plainLines(join(folder, 'logs', ref), MAX_REFLOG_BYTES)) {
      for (const line of lines) {
        const [, before, after, who = '', message = ''] = LINE.exec(line) ?? []
        if (before !== undefined && after !== undefined) entries.push({ before, after, who, message })
      }
    }
    return entries
  },

  async reflogNames(folder: string): Promise<string[]> {
    return (await plainFilesBelow(join(folder, 'logs/refs'))).map((name) => `refs/${name}`)
  },

  rootRefs: () => Promise.resolve(new Map()),
}

async function looseNames(folder: string, prefix: string): Promise<string[]> {
  const entries = await entriesIn(folder)
  const names = entries.map(async (entry) => {
    const name = `${prefix}${entry.name}`
    if (entry.isDirectory()) return looseNames(join(folder, entry.name), `${name}/`)
    // git writes a branch under this name first; no branch can end in it.
    return entry.name.endsWith('.lock') ? [] : [name]
  })
  return (await Promise.all(names)).flat()
}

/** What the files say. */
async function looseRefs(folder: string, prefixes: readonly string[]): Promise<Map<string, string>> {
  const refs = new Map<string, string>()
  for (const prefix of prefixes) {
    const name = prefix.replace(/\/$/, '')
    const kind = await kindOf(join(folder, name))
    if (kind !== 'absent') await addLooseRefs(folder, name, kind, refs)
  }
  return refs
}

async function addLooseRefs(
  folder: string,
  ref: string,
  kind: EntryKind,
  refs: Map<string, string>,
): Promise<void> {
  const path = join(folder, ref)
  if (kind === 'other') throw tampered('a ref is no plain file', path)
  if (kind === 'file') {
    const content = await readPlain(path, MAX_REF_FILE_BYTES)
    if (content !== undefined) add(refs, ref, content.trim(), path)
    return
  }
  for (const entry of await entriesIn(path))
    await addLooseRefs(folder, `${ref}/${entry.name}`, kindOfEntry(entry), refs)
}

function kindOfEntry(entry: Entry): EntryKind {
  if (entry.isFile()) return 'file'
  return entry.isDirectory() ? 'directory' : 'other'
}

async function readPackedRefs(folder: string, prefixes: readonly string[]): Promise<Map<string, string>> {
  const file = join(folder, 'packed-refs')
  const refs = new Map<string, string>()
  for await (const lines of plainLines(file, MAX_PACKED_REFS_BYTES)) {
    for (const line of lines) {
      const [oid, ref] = line.split(' ', 2)
      if (oid === undefined || ref === undefined || !OID.test(oid)) continue
      if (prefixes.some((prefix) => ref.startsWith(prefix))) add(refs, ref, oid, file)
    }
  }
  return refs
}

async function packedValue(folder: string, ref: string): Promise<string | undefined> {
  let found: string | undefined
  for await (const lines of plainLines(join(folder, 'packed-refs'), MAX_PACKED_REFS_BYTES)) {
    const line = lines.findLast((one) => one.endsWith(` ${ref}`) && OID.test(one.slice(0, -ref.length - 1)))
    found = line?.slice(0, -ref.length - 1) ?? found
  }
  return found
}

function add(refs: Map<string, string>, ref: string, content: string, path: string): void {
  if (refs.size >= MAX_REFS) throw tampered('the repository has too many refs to be read', path)
  refs.set(ref, content)
}
