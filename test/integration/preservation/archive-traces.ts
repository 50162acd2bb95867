import { readdir } from 'node:fs/promises'
import { environmentLayout } from '../../../src/model/layout.js'
import { tryGit } from '../../helpers/run-git.js'

/** Everything in an environment that belongs to an archive, finished or not; each named. */
export async function archiveTraces(root: string, envId: string): Promise<string[]> {
  const layout = environmentLayout(root, envId)
  const refs = await tryGit(
    layout.managerDir,
    '--git-dir=archives.git',
    'for-each-ref',
    '--format=%(refname)',
  )
  const packs = await namesIn(`${layout.archivesRepository}/objects/pack`)
  return [
    ...(await namesIn(layout.archivesDir)),
    ...refs.stdout.split('\n').filter((line) => line !== ''),
    ...packs.filter((name) => name.startsWith('pack-archive-')),
    ...(await namesIn(layout.scratchDir)),
    ...(await namesIn(layout.managerDir)).filter((name) => name.includes('.tmp-')),
  ]
}

async function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
}
