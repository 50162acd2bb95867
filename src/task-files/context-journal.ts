import { copyFile, lstat, rm, utimes } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { IntegrityError } from '../errors/workspace-error.js'
import { writeJsonAtomic } from '../fs/atomic-write.js'
import { assertNoLinkInside, ensureDirectoryInside, removeIfEmpty } from '../fs/contained-path.js'
import { inHeldFolder } from '../fs/held-folder.js'
import { makeDirectories } from '../fs/make-directories.js'
import { isPresent, kindOf } from '../fs/presence.js'
import { readJsonIfPresent } from '../fs/read-json.js'
import { deleteTree } from '../fs/trash.js'
import { type ContextJournal, parseContextJournal } from '../model/context-journal.js'

const FOLDER = '.context-journal'

/**
 * Remembers what the files of a caller's folder are before they are written, so that cleanup can put back
 * every one of them. It is on disk before the first write, and a second prepare adds to it, never over it.
 */
export async function rememberBefore(
  rootDir: string,
  directory: string,
  paths: readonly string[],
): Promise<void> {
  const known = await readJournal(rootDir)
  const news = paths.filter((path) => !known?.files.some((file) => file.path === path))
  const files = await Promise.all(news.map((path) => remember(rootDir, directory, path)))
  const missing = await missingDirectories(directory, news)
  const createdDirectories = [...new Set([...(known?.createdDirectories ?? []), ...missing])]
  const journal: ContextJournal = {
    directory,
    createdDirectories,
    files: [...(known?.files ?? []), ...files],
  }
  await ensureDirectoryInside(rootDir, dirname(journalFile(rootDir)))
  await writeJsonAtomic(journalFile(rootDir), journal)
}

/**
 * Puts everything back as it was; idempotent. Files that are not in the journal are never touched.
 *
 * @param directory The folder of the context, as the record knows it.
 * @throws IntegrityError TAMPERED where the journal, which the agent can write, names anything else.
 */
export async function restoreBefore(rootDir: string, directory: string): Promise<void> {
  const journal = await readJournal(rootDir)
  if (journal === undefined) return
  assertOwnJournal(journal, directory, journalFile(rootDir))
  // Where the caller deleted the folder meanwhile there is nothing to put back.
  const isThere = await isPresent(dirname(journal.directory))
  for (const { path, before } of isThere ? journal.files : []) {
    await putBack(rootDir, journal.directory, { path, before })
  }
  for (const directory of [...journal.createdDirectories].reverse()) await removeIfEmpty(directory)
  // Not by Node, which follows a link that somebody swaps a folder for meanwhile.
  await deleteTree(join(rootDir, FOLDER))
}

function assertOwnJournal(journal: ContextJournal, directory: string, file: string): void {
  const inside = join(directory, '/')
  const folders = [journal.directory, ...journal.createdDirectories].map((path) => join(resolve(path), '/'))
  const files = journal.files.map(({ path }) => join(directory, path))
  const isOwn =
    journal.directory === directory && [...folders, ...files].every((path) => path.startsWith(inside))
  if (!isOwn) throw tampered('the journal of context files names others', file)
}

async function putBack(
  rootDir: string,
  directory: string,
  { path, before }: ContextJournal['files'][number],
): Promise<void> {
  const target = join(directory, path)
  const saved = savedPath(rootDir, path)
  await assertNoLinkInside(dirname(directory), dirname(target))
  if (before === 'saved') {
    await assertNoLinkInside(rootDir, dirname(saved))
    await assertPlain(saved)
    await makeDirectories(dirname(target))
  }
  if (!(await isPresent(dirname(target)))) return
  await inHeldFolder(dirname(directory), dirname(target), async (folder) => {
    const file = join(folder, basename(target))
    await rm(file, { force: true })
    if (before === 'saved') await copyWithTimes(saved, file)
  })
}

async function remember(
  rootDir: string,
  directory: string,
  path: string,
): Promise<ContextJournal['files'][number]> {
  const target = join(directory, path)
  await assertNoLinkInside(dirname(directory), dirname(target))
  if (!(await isPresent(target))) return { path, before: 'absent' }
  await assertPlain(target)
  const saved = savedPath(rootDir, path)
  await ensureDirectoryInside(rootDir, dirname(saved))
  await copyWithTimes(target, saved)
  return { path, before: 'saved' }
}

async function missingDirectories(directory: string, paths: readonly string[]): Promise<string[]> {
  const wanted = new Set([directory])
  for (const path of paths) {
    for (let parent = dirname(join(directory, path)); parent !== directory; parent = dirname(parent))
      wanted.add(parent)
  }
  const ordered = [...wanted].sort()
  const present = await Promise.all(ordered.map(isPresent))
  return ordered.filter((_, index) => !present[index])
}

/** A pipe would be waited for without end, and a link leads to what only the orchestrator may read. */
async function assertPlain(path: string): Promise<void> {
  if ((await kindOf(path)) !== 'file') throw tampered('a file of the context is no plain file', path)
}

async function copyWithTimes(from: string, to: string): Promise<void> {
  await copyFile(from, to)
  const { atime, mtime } = await lstat(from)
  await utimes(to, atime, mtime)
}

async function readJournal(rootDir: string): Promise<ContextJournal | undefined> {
  const file = journalFile(rootDir)
  const value = await readJsonIfPresent(file)
  return value === undefined ? undefined : parseContextJournal(value, file)
}

function journalFile(rootDir: string): string {
  return join(rootDir, FOLDER, 'journal.json')
}

function savedPath(rootDir: string, path: string): string {
  return join(rootDir, FOLDER, 'saved', path)
}

function tampered(message: string, path: string): IntegrityError {
  return new IntegrityError('TAMPERED', `${message}: ${path}`, {
    data: { path },
    hint: "See what the agent has done; without the journal in the task's folder nothing is put back.",
  })
}
