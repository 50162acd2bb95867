import { readFile, rename, writeFile } from 'node:fs/promises'
import { devNull } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { IntegrityError } from '../errors/workspace-error.js'
import { writeFileAtomic } from '../fs/atomic-write.js'
import { makeDirectories } from '../fs/make-directories.js'
import { readTextIfPresent } from '../fs/read-json.js'
import { syncPath } from '../fs/sync-path.js'
import { temporaryName } from '../fs/temporary-name.js'
import { deleteTree } from '../fs/trash.js'
import type { Git } from '../git/git.js'
import { quoteConfigValue } from '../model/git-config-value.js'
import { type ObjectFormat, objectFormatIn } from '../model/object-format.js'

/** `archives.git`: a bare repository of our own that no agent is ever told of, and that borrows from nobody. */
export interface ArchiveStore {
  readonly gitDir: string
  readonly objectFormat: ObjectFormat
}

export interface StoreRequest extends ArchiveStore {
  readonly signal?: AbortSignal | undefined
}

/**
 * Nothing is ever removed but by our own deletion of an archive, and everything is flushed to the disk. For gits that do
 * not know `core.fsync` (before 2.36) this package flushes what they write; their `core.fsyncObjectFiles` is about single
 * objects, of which they write none here, and makes newer ones warn whoever looks into the archives.
 */
const CONFIG = `[core]
\thooksPath = ${quoteConfigValue(devNull)}
\tlogAllRefUpdates = false
\tpackedRefsTimeout = 10000
\tfilesRefLockTimeout = 10000
\tfsync = all
[gc]
\tauto = 0
\tpruneExpire = never
[maintenance]
\tauto = false
`

/** Files come out of the archive as they went in, whatever an attribute file among them says (gitattributes(5)). */
const ATTRIBUTES = '* !text !eol !crlf !filter !ident !working-tree-encoding\n'

/**
 * Opens the store, and makes it where there is none: aside, then renamed into place.
 *
 * @throws IntegrityError ARCHIVE_FAILED where it has objects of another format.
 */
export async function openArchiveStore(git: Git, request: StoreRequest): Promise<ArchiveStore> {
  const { gitDir, objectFormat } = request
  const found = await findArchiveStore(gitDir)
  if (found === undefined) await createStore(git, request)
  else if (found.objectFormat !== objectFormat) throw otherFormat(found, objectFormat)
  return { gitDir, objectFormat }
}

export async function findArchiveStore(gitDir: string): Promise<ArchiveStore | undefined> {
  const config = await readTextIfPresent(join(gitDir, 'config'))
  if (config === undefined) return undefined
  return { gitDir, objectFormat: objectFormatIn(config) }
}

async function createStore(git: Git, { gitDir, objectFormat, signal }: StoreRequest): Promise<void> {
  const building = join(dirname(gitDir), temporaryName(basename(gitDir)))
  try {
    const args = [
      'init',
      '--quiet',
      '--bare',
      '--template=',
      `--object-format=${objectFormat}`,
      '--',
      building,
    ]
    await git.run({ args, config: { 'init.defaultRefFormat': 'files' }, signal })
    const probed = await readFile(join(building, 'config'), 'utf8')
    await writeFileAtomic(join(building, 'config'), `${probed.trimEnd()}\n${CONFIG}`)
    await makeDirectories(join(building, 'info'))
    await writeFile(join(building, 'info', 'attributes'), ATTRIBUTES)
    await rename(building, gitDir)
    await syncPath(dirname(gitDir))
  } catch (error) {
    await deleteTree(building)
    // Another task's archive was faster.
    if (!isSystemError(error, 'ENOTEMPTY', 'EEXIST')) throw error
  }
}

function otherFormat(found: ArchiveStore, objectFormat: string): IntegrityError {
  const message = `the environment's archives are ${found.objectFormat} objects, and this workspace has ${objectFormat}`
  return new IntegrityError('ARCHIVE_FAILED', message, {
    data: { path: found.gitDir, has: found.objectFormat, needs: objectFormat },
  })
}
