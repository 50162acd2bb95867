import { realpath } from 'node:fs/promises'
import { join } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { hasErrorCode } from '../errors/workspace-error.js'
import { type EntryKind, kindsOf } from '../fs/presence.js'
import { deleteTree } from '../fs/trash.js'
import { readPlain } from '../git/plain-files.js'
import type { ConfigCheck } from './config-check.js'
import { replaceOwn } from './own-file.js'
import type { Tampering } from './tampering.js'

/**
 * Folders with nothing that a fetch, or git when it needs it, does not write anew; of refs what is a link is found by
 * `removeOddRefs`.
 */
const FOLDERS: Readonly<Record<string, readonly EntryKind[]>> = {
  info: ['file', 'other'],
  'objects/info': ['file', 'other'],
  'logs/refs/remotes': ['file', 'other'],
  'logs/refs/remotes/origin': ['file', 'other'],
  'refs/remotes': ['file'],
  'refs/remotes/origin': ['file'],
  'refs/tags': ['file'],
}

export const PACKED_REFS = 'packed-refs'
const MAX_BYTES = 64 * 1024 * 1024
const BRANCH = /^(?:[0-9a-f]{40}|[0-9a-f]{64}) refs\/heads\/\S+$/

/**
 * Takes away what stands in the place of a part of a mirror that can be had again: a link there would lead a write
 * elsewhere. What it leads to is left as it is. Of packed refs the branches are taken along, which are those of tasks.
 */
export async function removeOddPlaces(mirrorDir: string, mode: ConfigCheck['mode']): Promise<Tampering[]> {
  const names = Object.keys(FOLDERS)
  const kinds = await kindsOf([...names, PACKED_REFS].map((name) => join(mirrorDir, name)))
  const odd = names.filter((name, index) => FOLDERS[name]?.includes(kinds[index] ?? 'absent'))
  if (mode !== 'look') for (const name of odd) await deleteTree(join(mirrorDir, name))
  const isPackedOdd = ['directory', 'other'].includes(kinds.at(-1) ?? 'absent')
  if (isPackedOdd && mode !== 'look') await replacePackedRefs(join(mirrorDir, PACKED_REFS))
  return [...odd, ...(isPackedOdd ? [PACKED_REFS] : [])].map((name) => ({
    path: join(mirrorDir, name),
    problem: `the mirror's ${name} was not what git makes; what a link there led to is left as it was`,
  }))
}

async function replacePackedRefs(path: string): Promise<void> {
  const lines = (await textBehind(path)).split('\n').filter((line) => BRANCH.test(line))
  await replaceOwn(path, lines.map((line) => `${line}\n`).join(''), 0o644)
}

/** Nothing where it leads nowhere, or to what are no refs. */
async function textBehind(path: string): Promise<string> {
  try {
    return (await readPlain(await realpath(path), MAX_BYTES)) ?? ''
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES')) return ''
    if (hasErrorCode(error, 'TAMPERED')) return ''
    throw error
  }
}
