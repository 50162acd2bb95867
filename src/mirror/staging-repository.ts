import { rename, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { isPresent, namesIn } from '../fs/presence.js'
import { temporaryName } from '../fs/temporary-name.js'
import { deleteTree } from '../fs/trash.js'
import { readPlain } from '../git/plain-files.js'
import { objectFormatIn } from '../model/object-format.js'
import { initialise } from './initialise-mirror.js'
import type { MirrorContext } from './mirror-context.js'
import { ownText } from './own-file.js'
import { assertMirrorFits } from './pack-bytes.js'
import { UPSTREAM_BRANCHES } from './repository.js'

const MAX_SHALLOW_BYTES = 16 * 1024 * 1024

/**
 * Lends a repository beside the mirror that knows its upstream branches and borrows its objects: what is fetched
 * there is in nobody's way. It is deleted afterwards, and has a name that is swept up when a process is killed.
 */
export async function withStaging(
  context: MirrorContext,
  action: (staging: MirrorContext) => Promise<void>,
): Promise<void> {
  const { mirrorDir } = context
  const besidesBytes = await assertMirrorFits(context)
  const directory = join(dirname(mirrorDir), temporaryName(basename(mirrorDir)))
  try {
    await makeStaging(context, directory)
    await action({ ...context, mirrorDir: directory, stage: 'building', besidesBytes })
  } finally {
    await deleteTree(directory)
  }
}

/** Moves whole packs from one repository to another of the same file system. */
export async function takeInPacks(fromDir: string, toDir: string): Promise<void> {
  const from = join(fromDir, 'objects', 'pack')
  const to = join(toDir, 'objects', 'pack')
  const names = (await namesIn(from)).filter((name) =>
    /^pack-[0-9a-f]+\.(?:pack|rev|promisor|idx)$/.test(name),
  )
  // The index comes last: git takes a pack for whole when that is there.
  const rank = (name: string) => (name.endsWith('.idx') ? 1 : 0)
  for (const name of names.sort((one, other) => rank(one) - rank(other)))
    if (!(await isPresent(join(to, name)))) await rename(join(from, name), join(to, name))
}

async function makeStaging(context: MirrorContext, directory: string): Promise<void> {
  const { git, mirrorDir } = context
  const format = objectFormatIn((await ownText(join(mirrorDir, 'config'))) ?? '')
  await initialise(git, directory, format, context)
  await writeFile(join(directory, 'objects', 'info', 'alternates'), `${join(mirrorDir, 'objects')}\n`)
  await writeFile(join(directory, 'packed-refs'), await upstreamRefs(context))
  // Agents write to the mirror: a pipe there would be waited for without end.
  const cuts = await readPlain(join(mirrorDir, 'shallow'), MAX_SHALLOW_BYTES)
  if (cuts !== undefined) await writeFile(join(directory, 'shallow'), cuts)
}

/** Without tags: tasks may make some, which must not come back from here. */
async function upstreamRefs({ git, mirrorDir, signal }: MirrorContext): Promise<string> {
  const { stdout } = await git.run({
    args: [
      'for-each-ref',
      '--format=%(objectname) %(refname) %(symref)',
      UPSTREAM_BRANCHES,
      'refs/git-task/',
    ],
    gitDir: mirrorDir,
    signal,
  })
  const lines = stdout.split('\n').filter((line) => line.endsWith(' '))
  return `# pack-refs with: sorted \n${lines.map((line) => `${line.trimEnd()}\n`).join('')}`
}
