import { join } from 'node:path'
import { type Entry, entriesIn, kindOf } from '../fs/presence.js'

/**
 * What a killed git may have left in a repository, by name alone: locks, half-written packs and objects, folders
 * of objects that were to be taken in (gitrepository-layout(5), git's lockfile.h and tmp-objdir.h). A living git
 * has files of the same names. Links are not followed; the worktrees' own files are not looked at.
 */
export async function leftoversIn(gitDir: string): Promise<string[]> {
  if ((await kindOf(gitDir)) !== 'directory') return []
  const found = await Promise.all([
    filesIn(gitDir, isTopLevelLeftover),
    locksOfRefsIn(gitDir),
    // Of git-sparse-checkout(1).
    filesIn(join(gitDir, 'info'), isLock),
    locksBelow(join(gitDir, 'logs')),
    locksBelow(join(gitDir, 'reftable')),
    leftoversInObjects(join(gitDir, 'objects')),
  ])
  return found.flat()
}

async function leftoversInObjects(objects: string): Promise<string[]> {
  if ((await kindOf(objects)) !== 'directory') return []
  const info = join(objects, 'info')
  const found = await Promise.all([
    filesIn(info, isLock),
    (await kindOf(info)) === 'directory' ? graphLeftovers(join(info, 'commit-graphs')) : [],
    // A repack names its packs `.tmp-<pid>-pack-…` until they are whole.
    filesIn(join(objects, 'pack'), (name) => isLock(name) || /^(?:tmp_|\.tmp-)/.test(name)),
    objectLeftovers(objects),
  ])
  return found.flat()
}

function graphLeftovers(graphs: string): Promise<string[]> {
  return filesIn(graphs, (name) => isLock(name) || name.startsWith('tmp_graph_'))
}

/** What one change of refs that was killed may have left: it locks all its refs before it writes the first. */
export async function refLeftoversIn(gitDir: string): Promise<string[]> {
  const top = await filesIn(gitDir, (name) => /^(?:HEAD\.lock|packed-refs\.(?:lock|new))$/.test(name))
  return [...top, ...(await locksOfRefsIn(gitDir))]
}

// No ref has a name that ends like this (git-check-ref-format(1)).
const isLock = (name: string) => name.endsWith('.lock')

// packed-refs is written under this second name, and git refuses to write over one that is there.
const isTopLevelLeftover = (name: string) => isLock(name) || name === 'packed-refs.new'

function locksOfRefsIn(gitDir: string): Promise<string[]> {
  return locksBelow(join(gitDir, 'refs'))
}

async function locksBelow(directory: string): Promise<string[]> {
  const entries = await ownEntries(directory)
  const own = entries.filter((entry) => entry.isFile() && isLock(entry.name))
  const folders = entries.filter((entry) => entry.isDirectory())
  const deeper = await Promise.all(folders.map(({ name }) => locksBelow(join(directory, name))))
  return [...own.map(({ name }) => join(directory, name)), ...deeper.flat()]
}

async function objectLeftovers(objects: string): Promise<string[]> {
  const folders = (await ownEntries(objects)).filter((entry) => entry.isDirectory()).map(({ name }) => name)
  const incoming = folders.filter((name) => /^(?:tmp_objdir-|incoming-)/.test(name))
  const fanOut = folders.filter((name) => /^[0-9a-f]{2}$/.test(name))
  const loose = fanOut.map((name) => filesIn(join(objects, name), (file) => file.startsWith('tmp_obj_')))
  return [...incoming.map((name) => join(objects, name)), ...(await Promise.all(loose)).flat()]
}

async function filesIn(directory: string, isWanted: (name: string) => boolean): Promise<string[]> {
  const entries = await ownEntries(directory)
  const wanted = entries.filter((entry) => entry.isFile() && isWanted(entry.name))
  return wanted.map(({ name }) => join(directory, name))
}

/** A link is none of its own folders. */
async function ownEntries(directory: string): Promise<Entry[]> {
  return (await kindOf(directory)) === 'directory' ? entriesIn(directory) : []
}
