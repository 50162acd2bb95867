import { rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { GitError } from '../errors/workspace-error.js'
import { makeDirectories } from '../fs/make-directories.js'
import { namesIn } from '../fs/presence.js'
import { temporaryName } from '../fs/temporary-name.js'
import { deleteTree } from '../fs/trash.js'
import type { GitCall } from '../git/git.js'
import { objectFormatIn } from '../model/object-format.js'
import { withFetchLock } from './fetch-lock.js'
import { fetchUpstream } from './fetch-upstream.js'
import { initialise } from './initialise-mirror.js'
import type { MirrorContext } from './mirror-context.js'
import { ownText } from './own-file.js'
import { filterIn } from './partial-mirror.js'
import { takeInPacks } from './staging-repository.js'

interface Place extends Pick<MirrorContext, 'git' | 'mirrorDir' | 'signal'> {
  /** How the history is walked where it is not from all refs and in the repository itself. */
  readonly walk?: HistoryWalk | undefined
}

interface HistoryWalk extends Required<Pick<GitCall, 'gitDir' | 'alternates'>> {
  /** The objects that it begins at. */
  readonly tips: readonly string[]
}

/**
 * What of a mirror's objects is gone, each as a few words; empty where all is there. Every pack came with a commit of
 * its own, so that a walk through the history, without its files, meets each that is missing: milliseconds for a
 * thousand commits. Bits that flipped are git-fsck(1)'s business.
 */
export async function lostObjects(place: Place): Promise<string[]> {
  const packs = await packsWithoutContent(place.mirrorDir)
  return [...packs.map((name) => `${name}.pack`), ...(await brokenHistory(place))]
}

/** git gives a pack its index last, and takes that away first. */
async function packsWithoutContent(mirrorDir: string): Promise<string[]> {
  const names = await namesIn(packFolder(mirrorDir))
  const indexed = names.filter((name) => name.endsWith('.idx')).map((name) => basename(name, '.idx'))
  return indexed.filter((name) => !names.includes(`${name}.pack`))
}

async function brokenHistory(place: Place): Promise<string[]> {
  const { git, signal } = place
  const { code, stderr } = await git.run({ ...walkOf(place), okCodes: [0, 128], signal })
  // What keeps git from seeing a repository is found by `repairMirror`.
  if (/^fatal: not a git repository/m.test(stderr)) return []
  const said = stderr.split('\n').find((line) => /^(?:fatal|error): /.test(line))
  return code === 0 ? [] : [said?.replace(/^\w+: /, '') ?? 'the history has a gap']
}

function walkOf({ mirrorDir, walk }: Place): GitCall {
  if (walk === undefined) return { args: ['rev-list', '--all', '--quiet'], gitDir: mirrorDir }
  const { gitDir, alternates, tips } = walk
  const input = tips.map((oid) => `${oid}\n`).join('')
  return { args: ['rev-list', '--stdin', '--quiet'], gitDir, alternates, input }
}

/**
 * Fetches everything once more, into a repository beside the mirror, and takes over what the mirror lacks. Nothing of
 * the mirror is changed or removed but indexes of packs that are gone.
 *
 * @throws GitError as a fetch does; GIT_REF_MISSING where the remote does not have all of it (any more).
 */
export async function fetchLostObjects(context: MirrorContext): Promise<void> {
  await withFetchLock(context, async (locked) => {
    const { mirrorDir } = locked
    await makeDirectories(packFolder(mirrorDir))
    const building = join(dirname(mirrorDir), temporaryName(basename(mirrorDir)))
    try {
      await fetchAll(locked, building)
      await takeInPacks(building, mirrorDir)
    } finally {
      await deleteTree(building)
    }
    await forgetLostPacks(mirrorDir)
  })
  const left = await lostObjects(context)
  if (left.length === 0) return
  throw new GitError('GIT_REF_MISSING', `the remote does not have all that is gone: ${left.join(', ')}`, {
    data: { path: context.mirrorDir, lost: left },
  })
}

async function fetchAll(context: MirrorContext, building: string): Promise<void> {
  const config = (await ownText(join(context.mirrorDir, 'config'))) ?? ''
  const format = objectFormatIn(config)
  const whole = { ...context, filter: filterIn(config) }
  await initialise(context.git, building, format, whole)
  await fetchUpstream({ ...whole, mirrorDir: building, stage: 'building' }, format)
}

/** An index of several packs that names one of them is of no use either; the next fetch that needs one writes it anew. */
async function forgetLostPacks(mirrorDir: string): Promise<void> {
  const folder = packFolder(mirrorDir)
  const lost = await packsWithoutContent(mirrorDir)
  const useless = lost.flatMap((name) => [`${name}.idx`, `${name}.rev`, 'multi-pack-index'])
  for (const name of useless) await rm(join(folder, name), { force: true })
}

function packFolder(mirrorDir: string): string {
  return join(mirrorDir, 'objects', 'pack')
}
