import { join } from 'node:path'
import { kindOf } from '../fs/presence.js'
import { fileRefs } from './file-refs.js'
import { readPlain, tampered } from './plain-files.js'
import type { RefStore } from './ref-store.js'
import { reftableRefs } from './reftable-refs.js'

/** What git calls it: `extensions.refStorage` in git-config(1). */
export type RefStorage = 'files' | 'reftable'

const MAX_CONFIG_BYTES = 16 * 1024 * 1024
const SETTING = /^[ \t]*(?:\[extensions\][ \t]*)?refstorage[ \t]*=(.*)$/gim
/** Of a text without blanks around it: a pattern with several would be tried again for each of them. */
const VALUE = /^"?([^"\s#;]*)"?(?:[ \t]*[#;].*)?$/

/**
 * How a repository stores its refs, told by plain files: one look where they are files. Tables that its configuration
 * does not name are nothing to git.
 *
 * @throws IntegrityError TAMPERED for a way that is not known here.
 */
export async function refStorageOf(commonDir: string): Promise<RefStorage> {
  const kind = await kindOf(join(commonDir, 'reftable'))
  if (kind === 'absent') return 'files'
  const config = (await readPlain(join(commonDir, 'config'), MAX_CONFIG_BYTES)) ?? ''
  const said = [...config.matchAll(SETTING)].flatMap(([, text = '']) => VALUE.exec(text.trim())?.[1] ?? [])
  if (said.every((value) => value === 'files')) return 'files'
  if (kind === 'directory' && said.every((value) => value === 'reftable')) return 'reftable'
  throw tampered('the refs of the repository are kept in a way that is not known here', commonDir)
}

/** How to read them. */
export async function refStoreOf(commonDir: string): Promise<RefStore> {
  return (await refStorageOf(commonDir)) === 'files' ? fileRefs : reftableRefs
}
