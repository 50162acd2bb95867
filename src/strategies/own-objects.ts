import { constants } from 'node:fs'
import { copyFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { throwIfStopped } from '../errors/stop-reason.js'
import { IntegrityError } from '../errors/workspace-error.js'
import { makeDirectories } from '../fs/make-directories.js'
import { kindOf, namesIn } from '../fs/presence.js'
import { temporaryName } from '../fs/temporary-name.js'
import type { Git } from '../git/git.js'
import type { StrategyRepository } from './strategy.js'

const LOOSE = /^[0-9a-f]{2}$/
/** git-multi-pack-index(1) */
const COMMON_INDEX = 'multi-pack-index'

export interface OwnObjects {
  /** The clone's. */
  readonly gitDir: string
  readonly repository: StrategyRepository
  readonly depth: number | undefined
  readonly commits: readonly string[]
  /** Where history is cut off. */
  readonly shallow: readonly string[]
  /** A commit whose objects are there already. */
  readonly except?: string | undefined
  readonly signal?: AbortSignal | undefined
}

/** Gives a clone the objects that it sees, without anything that it shares with the mirror. */
export function giveOwnObjects(git: Git, wanted: OwnObjects): Promise<void> {
  const { gitDir, repository, depth, signal } = wanted
  // Of a partial mirror everything is copied also then: there is little, and git packs nothing that lacks its trees.
  const isCopied = depth === undefined || repository.filter !== undefined
  return isCopied ? copyObjects({ mirrorDir: repository.gitDir, gitDir, signal }) : packObjects(git, wanted)
}

interface Copying {
  readonly mirrorDir: string
  readonly gitDir: string
  readonly signal?: AbortSignal | undefined
}

/**
 * Gives a clone every object of the mirror that it does not have, file by file: shared blocks where the file system
 * can (reflinks), else copies. Nothing is ever removed from a mirror, and packs never change, so that a name that is
 * there needs no second look. Called again it brings what has come since.
 */
async function copyObjects(copying: Copying): Promise<void> {
  const folders = (await namesIn(join(copying.mirrorDir, 'objects'))).filter((name) => LOOSE.test(name))
  for (const folder of folders) await copyFolder(copying, folder, isLooseObject)
  await copyPacks(copying)
}

/**
 * With the common index that a mirror of many packs has. It is taken before the packs are listed: a mirror only gets
 * more of them, so that every pack which it names is copied.
 */
async function copyPacks(copying: Copying): Promise<void> {
  const packs = join('objects', 'pack')
  const [from, folder] = [join(copying.mirrorDir, packs), join(copying.gitDir, packs)]
  const copyAll = () => copyFolder(copying, 'pack', isPackFile)
  const isThere = (await kindOf(join(from, COMMON_INDEX))) === 'file'
  // An agent may have put a folder in its place: git then does without.
  const isFree = ['absent', 'file'].includes(await kindOf(join(folder, COMMON_INDEX)))
  if (!isThere || !isFree) return copyAll()
  await makePlainFolder(folder)
  await copyWhole(join(from, COMMON_INDEX), folder, COMMON_INDEX, copyAll)
}

/** Gives a shallow clone the objects of the commits that it sees, as one pack. */
async function packObjects(git: Git, packing: OwnObjects): Promise<void> {
  const { repository, gitDir, commits, shallow, except, signal } = packing
  const folder = join(gitDir, 'objects', 'pack')
  await assertPlainFolder(folder)
  const cuts = shallow.map((cut) => `--shallow ${cut}\n`)
  const wanted = commits.map((commit) => `${commit}\n`)
  await git.run({
    args: ['pack-objects', '--revs', '--shallow', '--quiet', join(folder, 'pack')],
    input: [...cuts, ...wanted, ...(except === undefined ? [] : [`^${except}\n`])].join(''),
    // The mirror's configuration counts, the clone's objects are where the pack is made.
    gitDir: repository.gitDir,
    objectDirectory: join(gitDir, 'objects'),
    alternates: [join(repository.gitDir, 'objects')],
    signal,
  })
}

async function copyFolder(
  { mirrorDir, gitDir, signal }: Copying,
  name: string,
  isWanted: (file: string) => boolean,
): Promise<void> {
  const [from, to] = [join(mirrorDir, 'objects', name), join(gitDir, 'objects', name)]
  await makePlainFolder(to)
  const present = new Set(await namesIn(to))
  const missing = (await namesIn(from)).filter((file) => isWanted(file) && !present.has(file))
  // The index comes last: git takes a pack for whole when that is there.
  for (const file of missing.sort((one, other) => rank(one) - rank(other))) {
    throwIfStopped(signal)
    await copyWhole(join(from, file), to, file)
  }
}

/** A copy that is broken off has a name that git takes for nothing, and so has one until what it needs is there. */
async function copyWhole(
  from: string,
  folder: string,
  name: string,
  copyNeeded?: () => Promise<void>,
): Promise<void> {
  const temporary = join(folder, temporaryName(name))
  try {
    await copyFile(from, temporary, constants.COPYFILE_FICLONE)
    await copyNeeded?.()
    await rename(temporary, join(folder, name))
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

const rank = (file: string) => (file.endsWith('.idx') ? 1 : 0)

const isLooseObject = (file: string) => /^[0-9a-f]{38}(?:[0-9a-f]{24})?$/.test(file)

const isPackFile = (file: string) => /^pack-[0-9a-f]+\.(?:pack|rev|promisor|idx)$/.test(file)

async function makePlainFolder(path: string): Promise<void> {
  await makeDirectories(path)
  await assertPlainFolder(path)
}

/** A link in the place of an agent's folder would lead out of its clone. */
async function assertPlainFolder(path: string): Promise<void> {
  if ((await kindOf(path)) === 'directory') return
  throw new IntegrityError('TAMPERED', `a folder of the repository is none: ${path}`, { data: { path } })
}
