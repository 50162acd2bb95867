import { symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { makeDirectories } from '../fs/make-directories.js'
import { type Entry, entriesIn, kindOf } from '../fs/presence.js'

const FOLDER = /^(?:pack|[0-9a-f]{2})$/

/**
 * Makes a folder of objects that has what another one holds itself, and nothing that this one leads to. git follows
 * alternates and links (gitrepository-layout(5)), and would take whatever this process may read for the agent's own.
 *
 * What is no plain file or folder is left out, so that git misses its objects. Changes after the look are not seen.
 *
 * @returns the folder, for `alternates` of a git call.
 */
export async function linkObjects(
  from: string,
  to: string,
  isWanted: (file: string) => boolean = () => true,
): Promise<string> {
  await makeDirectories(to, { mode: 0o700 })
  if ((await kindOf(from)) !== 'directory') return to
  for (const entry of await entriesIn(from)) {
    if (entry.isDirectory() && FOLDER.test(entry.name))
      await linkFolder(join(from, entry.name), join(to, entry.name), isWanted)
  }
  return to
}

async function linkFolder(from: string, to: string, isWanted: (file: string) => boolean): Promise<void> {
  const entries = await entriesIn(from)
  const wanted = entries.filter((entry: Entry) => entry.isFile() && isWanted(entry.name))
  // A junction is what any user of Windows may make.
  if (wanted.length === entries.length) return symlink(from, to, 'junction')
  await makeDirectories(to, { mode: 0o700 })
  for (const { name } of wanted) await symlink(join(from, name), join(to, name), 'file')
}
