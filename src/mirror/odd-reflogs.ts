import { join } from 'node:path'
import { entriesIn } from '../fs/presence.js'
import { deleteTree } from '../fs/trash.js'
import type { Tampering } from './tampering.js'

/**
 * Takes away what stands among a mirror's reflogs and is no file: git appends to whatever a link there leads to. Second
 * names of files elsewhere are not looked for, since every branch of upstream may have a reflog.
 */
export async function removeOddReflogs(mirrorDir: string): Promise<Tampering[]> {
  const odd = await oddIn(join(mirrorDir, 'logs'))
  for (const path of odd) await deleteTree(path)
  return odd.map((path) => ({ path, problem: 'the mirror had a reflog that is no file' }))
}

async function oddIn(folder: string): Promise<string[]> {
  const found: string[] = []
  for (const entry of await entriesIn(folder)) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) found.push(...(await oddIn(path)))
    else if (!entry.isFile()) found.push(path)
  }
  return found
}
