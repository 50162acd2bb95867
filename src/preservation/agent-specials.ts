import { lstat } from 'node:fs/promises'
import { join } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { diskPath } from '../fs/byte-names.js'
import { entriesIn, kindsOf } from '../fs/presence.js'
import { type AgentGitDir, readRootRefs } from '../git/agent-git-dir.js'
import { readPlain, tampered } from '../git/plain-files.js'

const SPECIALS = [
  ...['ORIG_HEAD', 'MERGE_HEAD', 'MERGE_AUTOSTASH', 'AUTO_MERGE', 'CHERRY_PICK_HEAD', 'REVERT_HEAD'],
  ...['REBASE_HEAD', 'BISECT_HEAD', 'sequencer/head'],
  ...['head', 'orig-head', 'onto', 'squash-onto', 'autostash'].map((name) => `rebase-merge/${name}`),
  ...['orig-head', 'onto', 'original-commit', 'autostash'].map((name) => `rebase-apply/${name}`),
] as const
/** What git has right in a git dir that is read elsewhere, or is no ref. */
const NO_ROOT_REFS = new Set<string>([
  ...SPECIALS,
  ...['HEAD', 'index', 'config', 'config.worktree', 'description', 'packed-refs', 'shallow', 'FETCH_HEAD'],
  ...['gitdir', 'commondir', 'locked'],
])
const OID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/
const MAX_SPECIAL_BYTES = 64 * 1024
/** A name of 64 letters, and a line end. */
const MAX_ROOT_REF_BYTES = 66

/**
 * The objects that files beside the refs of a git dir name: git's own of unfinished work, and refs of any other name.
 *
 * @throws IntegrityError TAMPERED for one of git's own that names none.
 */
export async function readSpecials(agent: AgentGitDir): Promise<Map<string, string>> {
  const { gitDir } = agent
  const kinds = await kindsOf(SPECIALS.map((name) => join(gitDir, name)))
  const present = SPECIALS.filter((_, index) => kinds[index] === 'file')
  const several = await Promise.all(present.map((name) => readSpecial(gitDir, name)))
  return new Map([...(await readRootRefs(agent)), ...several.flat(), ...(await rootFiles(gitDir))])
}

async function readSpecial(gitDir: string, name: string): Promise<[string, string][]> {
  const lines = ((await readPlain(join(gitDir, name), MAX_SPECIAL_BYTES)) ?? '').split('\n')
  const oids = lines.map((line) => line.trim()).filter((line) => line !== '')
  if (!oids.every((oid) => OID.test(oid)))
    throw tampered('a file names no object of the repository', join(gitDir, name))
  return oids.map((oid, at) => [at === 0 ? name : `${name}/${at}`, oid])
}

/**
 * `git update-ref MY_BACKUP …` writes a file right in the git dir. Whether a file there is one is told by its content:
 * the name of one object, and nothing else.
 */
async function rootFiles(gitDir: string): Promise<[string, string][]> {
  const entries = (await entriesIn(gitDir)).filter((entry) => entry.isFile() && !NO_ROOT_REFS.has(entry.name))
  const found: [string, string][] = []
  for (const { name } of entries) {
    const oid = name.endsWith('.lock') ? undefined : await namedObject(join(gitDir, name))
    if (oid !== undefined) found.push([name, oid])
  }
  return found
}

/** The object that a file names where there is nothing else in it, as in a ref. */
export async function namedObject(path: string): Promise<string | undefined> {
  if ((await lengthOf(path)) > MAX_ROOT_REF_BYTES) return undefined
  const oid = ((await readPlain(path, MAX_SPECIAL_BYTES)) ?? '').trim()
  return OID.test(oid) ? oid : undefined
}

/** It may vanish meanwhile. */
async function lengthOf(path: string): Promise<number> {
  try {
    return (await lstat(diskPath(path))).size
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return 0
    throw error
  }
}
