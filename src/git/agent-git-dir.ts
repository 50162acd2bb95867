import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { entriesIn, kindOf } from '../fs/presence.js'
import { readPlain, tampered } from './plain-files.js'

/**
 * A git dir that an agent controls, read as plain files: git is not asked, so that no setting in it is obeyed.
 * Layout: gitrepository-layout(5) with the "files" ref storage.
 */
export interface AgentGitDir {
  /** HEAD, the index and other per-worktree files. */
  readonly gitDir: string
  /** Branches and tags; the same as `gitDir` but for linked worktrees. */
  readonly commonDir: string
}

export interface AgentHead {
  readonly branch?: string | undefined
  /** Absent on a branch without commits. */
  readonly commit?: string | undefined
}

const OID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/
const BRANCHES = 'refs/heads/'
const MAX_REF_FILE_BYTES = 4096
const MAX_PACKED_REFS_BYTES = 256 * 1024 * 1024

/** Where HEAD points. @throws IntegrityError TAMPERED where it cannot be read. */
export async function readAgentHead(agent: AgentGitDir): Promise<AgentHead> {
  const content = (await readPlain(join(agent.gitDir, 'HEAD'), MAX_REF_FILE_BYTES))?.trim() ?? ''
  if (OID.test(content)) return { commit: content }
  const ref = /^ref: (refs\/heads\/\S.*)$/.exec(content)?.[1]
  if (ref === undefined || ref.includes('..')) throw tampered('HEAD cannot be read', agent.gitDir)
  return { branch: ref.slice('refs/heads/'.length), commit: await readRef(agent, ref) }
}

/** The commit of one ref, loose or packed. */
export async function readRef(agent: AgentGitDir, ref: string): Promise<string | undefined> {
  const loose = (await readPlain(join(agent.commonDir, ref), MAX_REF_FILE_BYTES))?.trim()
  if (loose !== undefined && OID.test(loose)) return loose
  return (await readPackedRefs(agent)).get(ref)
}

/** The ref that a symbolic ref names; undefined where it is none. */
export async function readSymbolicRef(gitDir: string, name: string): Promise<string | undefined> {
  return /^ref: (refs\/.+)$/m.exec((await readPlain(join(gitDir, name), MAX_REF_FILE_BYTES)) ?? '')?.[1]
}

/** Every ref below the prefixes, with its commit. */
export async function readRefs(
  agent: AgentGitDir,
  prefixes: readonly string[],
): Promise<Map<string, string>> {
  const refs = new Map<string, string>()
  for (const [ref, oid] of await readPackedRefs(agent)) {
    if (prefixes.some((prefix) => ref.startsWith(prefix))) refs.set(ref, oid)
  }
  for (const prefix of prefixes) await addLooseRefs(agent.commonDir, prefix.replace(/\/$/, ''), refs)
  return refs
}

/** The names below `refs/heads/`, without that prefix; no branch is opened, so that thousands cost little. */
export async function readBranchNames(repository: AgentGitDir): Promise<string[]> {
  const packed = [...(await readPackedRefs(repository)).keys()].filter((ref) => ref.startsWith(BRANCHES))
  const loose = await looseNames(join(repository.commonDir, BRANCHES), '')
  return [...new Set([...packed.map((ref) => ref.slice(BRANCHES.length)), ...loose])]
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

async function addLooseRefs(commonDir: string, ref: string, refs: Map<string, string>): Promise<void> {
  const path = join(commonDir, ref)
  const kind = await kindOf(path)
  if (kind === 'file') {
    const oid = (await readPlain(path, MAX_REF_FILE_BYTES))?.trim() ?? ''
    if (OID.test(oid)) refs.set(ref, oid)
  } else if (kind === 'directory') {
    for (const name of await readdir(path)) await addLooseRefs(commonDir, `${ref}/${name}`, refs)
  } else if (kind === 'other') {
    throw tampered('a ref is no plain file', path)
  }
}

async function readPackedRefs(agent: AgentGitDir): Promise<Map<string, string>> {
  const content = (await readPlain(join(agent.commonDir, 'packed-refs'), MAX_PACKED_REFS_BYTES)) ?? ''
  const refs = new Map<string, string>()
  for (const line of content.split('\n')) {
    const [oid, ref] = line.split(' ', 2)
    if (oid !== undefined && ref !== undefined && OID.test(oid)) refs.set(ref, oid)
  }
  return refs
}
