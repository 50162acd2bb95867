import { constants } from 'node:fs'
import { copyFile, link, readFile, rename, rm } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { fewAtATime } from '../fs/few-at-a-time.js'
import { makeDirectories } from '../fs/make-directories.js'
import { isPresent, kindOf, namesIn } from '../fs/presence.js'
import { syncPath } from '../fs/sync-path.js'
import { temporaryName } from '../fs/temporary-name.js'

const MAX_DEPTH = 5

/**
 * Gives an object store everything that another one has, packs and single objects: by hard link, so that nothing is
 * copied while both are there, and nothing is missing once the other one is gone. Where links cannot be made it copies.
 *
 * Objects never change under their names, so that what is there already is left as it is. An alternate store of the
 * other one is taken in as well.
 *
 * @returns the names of the packs, without their endings.
 */
export async function takeInObjects(from: string, to: string, depth = 0): Promise<string[]> {
  const packs = await takeInPacks(join(from, 'pack'), join(to, 'pack'))
  await takeInLooseObjects(from, to)
  const others = depth < MAX_DEPTH ? await alternatesOf(from) : []
  const theirs = await Promise.all(others.map((other) => takeInObjects(other, to, depth + 1)))
  return [...new Set([...packs, ...theirs.flat()])].sort()
}

/**
 * Links or copies one file under a name that nobody has yet; what has the name already stays. Flushed before it is
 * linked: git flushes single objects only since 2.36 (core.fsync in git-config(1)), and not where an agent has
 * switched it off.
 */
export async function takeInFile(from: string, to: string): Promise<'taken in' | 'there already'> {
  await flushFile(from)
  try {
    await link(from, to)
    return 'taken in'
  } catch (error) {
    if (isSystemError(error, 'EEXIST')) return 'there already'
    if (!isSystemError(error, 'EXDEV', 'EPERM', 'EACCES', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'))
      throw error
    await copyAside(from, to)
    return 'taken in'
  }
}

/** Copies one file under a name that nobody has yet: for whoever may write to it, and would by a link write to ours. */
export async function copyInFile(from: string, to: string): Promise<void> {
  if (!(await isPresent(to))) await copyAside(from, to)
}

async function flushFile(path: string): Promise<void> {
  try {
    if ((await kindOf(path)) === 'file') await syncPath(path)
  } catch (error) {
    // What nobody can read is no object that an archive could need.
    if (!isSystemError(error, 'EACCES')) throw error
  }
}

async function copyAside(from: string, to: string): Promise<void> {
  const temporary = join(dirname(to), temporaryName(basename(to)))
  try {
    await copyFile(from, temporary, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL)
    await syncPath(temporary)
    await rename(temporary, to)
  } finally {
    await rm(temporary, { force: true })
  }
}

async function takeInPacks(from: string, to: string): Promise<string[]> {
  const names = new Set(await namesIn(from))
  const packs = [...names]
    .filter((name) => /^pack-.+\.idx$/.test(name))
    .map((name) => name.slice(0, -'.idx'.length))
    .filter((name) => names.has(`${name}.pack`))
  const there = new Set(await namesIn(to))
  const missing = packs.filter((name) => !there.has(`${name}.idx`))
  for (const name of missing) {
    // git sees a pack by its index, which comes last. What is promised by a remote keeps its mark.
    for (const ending of ['.promisor', '.pack', '.idx']) {
      if (names.has(`${name}${ending}`))
        await takeInFile(join(from, `${name}${ending}`), join(to, `${name}${ending}`))
    }
  }
  if (missing.length > 0) await syncPath(to)
  return packs
}

/** How one file of objects is given to another store. */
export type TakeIn = (from: string, to: string) => Promise<unknown>

export async function takeInLooseObjects(from: string, to: string, take: TakeIn = takeInFile): Promise<void> {
  const folders = (await namesIn(from)).filter((name) => /^[0-9a-f]{2}$/.test(name))
  for (const folder of folders) await takeInFolder(join(from, folder), join(to, folder), take)
}

async function takeInFolder(from: string, to: string, take: TakeIn): Promise<void> {
  const there = new Set(await namesIn(to))
  const missing = (await namesIn(from)).filter((name) => /^[0-9a-f]{38,62}$/.test(name) && !there.has(name))
  if (missing.length === 0) return
  await makeDirectories(to)
  await fewAtATime(missing, (name) => take(join(from, name), join(to, name)))
  await syncPath(to)
}

/** Other stores that a repository borrows from: gitrepository-layout(5), `objects/info/alternates`. */
async function alternatesOf(objects: string): Promise<string[]> {
  const file = join(objects, 'info', 'alternates')
  if (!(await isPresent(file))) return []
  const lines = (await readFile(file, 'utf8')).split('\n')
  const paths = lines.filter((line) => line !== '' && !line.startsWith('#'))
  return paths.map((path) => (isAbsolute(path) ? path : resolve(objects, path)))
}
