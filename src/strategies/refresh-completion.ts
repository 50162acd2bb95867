import { join } from 'node:path'
import { hasErrorCode } from '../errors/workspace-error.js'
import { type AgentGitDir, readAgentHead } from '../git/agent-git-dir.js'
import type { Git } from '../git/git.js'
import { moveFiles } from './refresh-advance.js'
import { refuseSharedReflogs, stagedFiles } from './refresh-guard.js'
import { tornFiles } from './refresh-torn-files.js'
import { installIndexes, moveHead, withRefreshView } from './refresh-view.js'
import type { RefreshWork } from './refresh-work.js'
import type { CompletionRequest, Tree } from './strategy.js'

type Work = RefreshWork<CompletionRequest>

/** A path that differs between the two commits; without a mode: it is not in the new one. */
interface Change {
  readonly path: string
  readonly isNew: boolean
  readonly entry: { readonly mode: string; readonly oid: string } | undefined
}

const ABSENT = '000000'
const SUBMODULE = '160000'

/**
 * Completes a refresh that was ended while it wrote files. Nothing unsaved was there when it began, so that each file
 * is as in one of the two commits, gone, or only begun; where anything else is found, the agent went on, and all is
 * left as it is.
 */
export async function completeCheckout(
  git: Git,
  agent: AgentGitDir,
  tree: Tree,
  request: CompletionRequest,
): Promise<'completed' | 'left'> {
  const { from, to } = request.move
  const { commit: head } = await readAgentHead(agent)
  if (head !== from && head !== to) return 'left'
  const begun = { git, agent, tree, request, before: from }
  return withRefreshView(begun, async (view) => {
    const work = { ...begun, view }
    if ((await isLost(work)) || (await hasStaged(work))) return 'left'
    return head === to ? completeIndex(work) : completeFiles(work)
  })
}

/** No ref named the new commit yet, so that whoever collected garbage meanwhile may have taken it. */
async function isLost({ git, view, request }: Work): Promise<boolean> {
  const args = ['rev-parse', '--quiet', '--verify', `${request.move.to}^{tree}`]
  return (await git.run({ args, ...view, okCodes: [0, 1, 128] })).code !== 0
}

/** The index is that of the one commit until it is that of the other. */
async function hasStaged(work: Work): Promise<boolean> {
  const { from, to } = work.request.move
  for (const before of [from, to]) if ((await stagedFiles({ ...work, before })).length === 0) return false
  return true
}

/** HEAD has moved, so that all files had been written. */
async function completeIndex(work: Work): Promise<'completed'> {
  const { git, view, request } = work
  await differences(work, view.indexFile, request.move.to)
  // Only then what is outside of a cone is entered as such.
  if (request.shape?.sparse !== undefined)
    await git.run({ args: ['read-tree', '-m', '-u', request.move.to], ...view })
  await installIndexes(work, view.indexFile)
  return 'completed'
}

async function completeFiles(work: Work): Promise<'completed' | 'left'> {
  const { view, request } = work
  const newIndex = join(view.gitDir, 'index-of-new')
  const fromOld = await differences(work, view.indexFile, request.move.from)
  const fromNew = await differences(work, newIndex, request.move.to)
  const changes = await changesBetween(work)
  const isOdd = ({ path, isNew, entry }: Change) =>
    isThere(fromOld, path, isNew) && (entry === undefined || isThere(fromNew, path, false))
  const odd = changes.filter(isOdd)
  const paths = odd.map(({ path }) => path)
  const torn = odd.every(({ entry }) => entry !== undefined) && (await tornFiles(work, newIndex, paths))
  if (torn !== 'all') return 'left'
  const isWritten = ({ path, isNew, entry }: Change) =>
    entry?.mode !== SUBMODULE && (isNew || fromOld.has(path)) && fromNew.get(path) !== 'D'
  const isGone = ({ path, entry }: Change) => entry === undefined && fromOld.get(path) === 'D'
  const done = [...changes.filter(isGone), ...changes.filter(isWritten)]
  return bringOver(work, done, paths)
}

/** Whether there is a file, and not that of the commit. */
function isThere(differing: ReadonlyMap<string, string>, path: string, otherwise: boolean): boolean {
  const status = differing.get(path)
  return status === undefined ? otherwise : status !== 'D'
}

/**
 * What is as in the new commit is entered as such, and what is gone is left out: a folder may be in its place. git brings
 * the rest over, as it would have done.
 */
async function bringOver(
  work: Work,
  done: readonly Change[],
  torn: readonly string[],
): Promise<'completed' | 'left'> {
  const { git, view, request } = work
  const none = { mode: ABSENT, oid: '0'.repeat(request.move.to.length) }
  const lines = done.map(({ path, entry: { mode, oid } = none }) => `${mode} ${oid}\t${path}\0`)
  await git.run({ args: ['update-index', '-z', '--index-info'], ...view, input: lines.join('') })
  await refreshIndex(work, view.indexFile)
  try {
    await moveFiles({ ...work, before: await writeTree(work) }, request.move.to)
  } catch (error) {
    if (!hasErrorCode(error, 'NOT_FAST_FORWARD')) throw error
    return 'left'
  }
  const input = torn.map((path) => `${path}\0`).join('')
  await git.run({ args: ['checkout-index', '-f', '-u', '-z', '--stdin'], ...view, input })
  await refuseSharedReflogs(work)
  await moveHead(work, request.move.to, 'completed')
  await installIndexes(work, view.indexFile)
  return 'completed'
}

/**
 * What the index has by now, to go on from: from the old commit git would take a file that has come into a folder's
 * place for one of the agent's.
 */
async function writeTree({ git, view }: Work): Promise<string> {
  return (await git.run({ args: ['write-tree', '--missing-ok'], ...view })).stdout.trim()
}

/** Brings an index to a commit, and tells in which paths the files differ from it: D where there is none. */
async function differences(work: Work, indexFile: string, commit: string): Promise<Map<string, string>> {
  const { git, view } = work
  await git.run({ args: ['read-tree', '-i', '-m', commit], ...view, indexFile })
  await refreshIndex(work, indexFile)
  const args = ['diff-files', '--name-status', '-z', '--no-renames', '--ignore-submodules=all']
  const { stdout } = await git.run({ args, ...view, indexFile })
  const words = stdout.split('\0')
  const found = new Map<string, string>()
  for (let at = 0; at + 1 < words.length; at += 2) found.set(words[at + 1] ?? '', words[at] ?? '')
  return found
}

async function refreshIndex({ git, view }: Work, indexFile: string): Promise<void> {
  await git.run({ args: ['update-index', '-q', '--refresh'], ...view, indexFile, okCodes: [0, 1] })
}

async function changesBetween({ git, view, request }: Work): Promise<Change[]> {
  const { from, to } = request.move
  const args = ['diff-tree', '-r', '-z', '--raw', '--no-renames', '--no-abbrev', from, to]
  const words = (await git.run({ args, ...view })).stdout.split('\0')
  const found: Change[] = []
  for (let at = 0; at + 1 < words.length; at += 2) {
    const [old = '', mode = '', , oid = ''] = (words[at] ?? '').slice(1).split(' ')
    const entry = mode === ABSENT ? undefined : { mode, oid }
    found.push({ path: words[at + 1] ?? '', isNew: old === ABSENT, entry })
  }
  return found
}
