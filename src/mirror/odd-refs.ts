import { join } from 'node:path'
import { hasErrorCode } from '../errors/workspace-error.js'
import { type Entry, entriesIn } from '../fs/presence.js'
import { deleteTree } from '../fs/trash.js'
import { readPlain } from '../git/plain-files.js'
import type { ConfigCheck } from './config-check.js'
import { UPSTREAM_BRANCHES, UPSTREAM_HEAD } from './repository.js'
import type { Tampering } from './tampering.js'
import { DETACHED_HEAD } from './upstream-tips.js'

/** Where fetches write. */
const FETCHED = ['refs/remotes/origin', 'refs/tags', 'refs/git-task']
/** Those of tasks: a link there is for the task that has the branch, and no fetch writes through it. */
const BRANCHES = 'refs/heads'
const MAX_REF_BYTES = 4096
const COMMIT = /^(?:[0-9a-f]{40}|[0-9a-f]{64})\s*$/

/**
 * Takes away what stands among a mirror's refs and is neither file nor folder: git writes to wherever a link there
 * leads, and waits for a pipe without end.
 *
 * @returns what was found; what upstream has of it is there again after the next fetch.
 */
export async function removeOddRefs(mirrorDir: string, mode: ConfigCheck['mode']): Promise<Tampering[]> {
  const odd = await oddBelow(mirrorDir, 'refs')
  if (mode !== 'look') for (const path of odd) await deleteTree(path)
  return odd.map((path) => ({ path, problem: 'the mirror had a ref that is no file' }))
}

/**
 * Takes away the refs of a mirror that name another ref in place of a commit, or nothing at all, before they are fetched:
 * git would write to the one that is named, or leave the ref as it is.
 */
export async function removeSymbolicRefs(mirrorDir: string): Promise<Tampering[]> {
  const found: string[] = []
  for (const folder of FETCHED) found.push(...(await symbolicBelow(mirrorDir, folder)))
  for (const path of found) await deleteTree(path)
  return found.map((path) => ({ path, problem: 'the mirror had a ref that names no commit' }))
}

async function oddBelow(mirrorDir: string, folder: string): Promise<string[]> {
  const found: string[] = []
  for (const entry of await entriesIn(join(mirrorDir, folder))) {
    const ref = `${folder}/${entry.name}`
    if (entry.isDirectory()) found.push(...(await oddBelow(mirrorDir, ref)))
    else if (isOdd(ref, entry)) found.push(join(mirrorDir, ref))
  }
  return found
}

function isOdd(ref: string, entry: Entry): boolean {
  if (entry.isFile()) return false
  return !(entry.isSymbolicLink() && (ref === BRANCHES || ref.startsWith(`${BRANCHES}/`)))
}

async function symbolicBelow(mirrorDir: string, folder: string): Promise<string[]> {
  const found: string[] = []
  for (const entry of await entriesIn(join(mirrorDir, folder))) {
    const ref = `${folder}/${entry.name}`
    if (entry.isDirectory()) found.push(...(await symbolicBelow(mirrorDir, ref)))
    else if (!(await isAsFetched(mirrorDir, ref))) found.push(join(mirrorDir, ref))
  }
  return found
}

/** What has vanished meanwhile was packed; a lock is that of a living git, or is cleared away by others. */
async function isAsFetched(mirrorDir: string, ref: string): Promise<boolean> {
  if (ref.endsWith('.lock')) return true
  const text = await textOf(join(mirrorDir, ref))
  if (text === undefined || COMMIT.test(text)) return true
  if (ref !== UPSTREAM_HEAD) return false
  return text.startsWith(`ref: ${UPSTREAM_BRANCHES}`) || text.trimEnd() === `ref: ${DETACHED_HEAD}`
}

async function textOf(path: string): Promise<string | undefined> {
  try {
    return await readPlain(path, MAX_REF_BYTES)
  } catch (error) {
    if (!hasErrorCode(error, 'TAMPERED')) throw error
    return ''
  }
}
