import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { readPlain } from './plain-files.js'

const OID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/

/**
 * The cuts that a file lists: commits at which history ends, though they have parents (gitrepository-layout(5),
 * `shallow`). A repository without the file is not shallow, and has none.
 *
 * @throws IntegrityError TAMPERED for a file that is larger than `maxBytes`.
 */
export async function readCuts(file: string, maxBytes: number): Promise<string[]> {
  const text = (await readPlain(file, maxBytes)) ?? ''
  return text.split('\n').filter((line) => OID.test(line))
}

/**
 * Has git take the commits for the beginning of history in whatever it reads through a git dir. It takes an empty file
 * for a shallow repository without a cut, so that none is written.
 */
export async function writeCuts(gitDir: string, cuts: readonly string[]): Promise<void> {
  if (cuts.length === 0) return
  const lines = [...new Set(cuts)].sort().map((commit) => `${commit}\n`)
  await writeFile(join(gitDir, 'shallow'), lines.join(''))
}
