import { copyFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { feedGit, git } from '../helpers/run-git.js'

/** A repository in which one commit has another parent than its name says. git computes no name while it reads. */
export interface Forgery {
  readonly objects: string
  readonly tip: string
}

/** `from` has both commits; `parent` has no parents, so that history has an end. */
export async function forgeParent(
  directory: string,
  from: string,
  { tip, parent }: { readonly tip: string; readonly parent: string },
): Promise<Forgery> {
  const forged = join(directory, 'forged.git')
  await git(directory, 'init', '--quiet', '--bare', forged)
  await git(forged, 'config', 'fetch.unpackLimit', '1000')
  await git(forged, 'fetch', '--quiet', from, `${tip}:refs/heads/tip`, `${parent}:refs/heads/parent`)
  const [tree = '', ...rest] = (await git(forged, 'cat-file', 'commit', tip)).split('\n')
  const content = Buffer.from([tree, `parent ${parent}`, ...rest].join('\n'))
  const file = join(forged, 'objects', tip.slice(0, 2), tip.slice(2))
  await rm(file)
  await writeFile(file, deflateSync(Buffer.concat([Buffer.from(`commit ${content.length}\0`), content])))
  return { objects: join(forged, 'objects'), tip }
}

/** Gives a repository a graph of commits in which the forged parent stands. */
export async function plantGraph({ objects }: Forgery, gitDir: string): Promise<void> {
  await git(join(objects, '..'), 'commit-graph', 'write', '--reachable')
  await mkdir(join(gitDir, 'objects/info'), { recursive: true })
  await copyFile(join(objects, 'info/commit-graph'), join(gitDir, 'objects/info/commit-graph'))
}

/** Gives a repository a pack with the forged commit. */
export async function plantPack({ objects, tip }: Forgery, gitDir: string): Promise<void> {
  await feedGit(join(objects, '..'), `${tip}\n`, 'pack-objects', '--quiet', 'objects/pack/pack')
  for (const name of await readdir(join(objects, 'pack')))
    await copyFile(join(objects, 'pack', name), join(gitDir, 'objects/pack', name))
}

/** The same with an index over several packs, which git asks before any other, wherever it is. */
export async function plantMultiPackIndex(forgery: Forgery, gitDir: string): Promise<void> {
  await plantPack(forgery, gitDir)
  await git(gitDir, 'multi-pack-index', 'write')
}
