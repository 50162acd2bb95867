import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { environmentLayout } from '../../src/model/layout.js'
import { emptiedTrash } from './emptied-trash.js'
import { tryGit } from './run-git.js'
import type { Upstream } from './upstream.js'

/** Everything that is left of any task of an environment anywhere, each named; nothing where all is clean. */
export async function leftovers(root: string, envId: string, upstream: Upstream): Promise<string[]> {
  const layout = environmentLayout(root, envId)
  await emptiedTrash(layout.trashDir)
  const folders = [
    layout.sessionsDir,
    layout.tasksDir,
    layout.indexesDir,
    layout.scratchDir,
    layout.trashDir,
    layout.locksDir,
  ]
  const found = await Promise.all([
    ...folders.map((folder) => pathsIn(folder, () => true)),
    pathsIn(layout.managerDir, (name) => name.includes('.tmp-')),
    ...[layout.mirrorDir, upstream.path, join(upstream.path, '.git')].flatMap(registrations),
    agentBranches(upstream),
    mirrorTrouble(layout.mirrorDir),
  ])
  return found.flat()
}

function registrations(repository: string): Promise<string[]>[] {
  return [
    pathsIn(join(repository, 'worktrees'), () => true),
    pathsIn(repository, (name) => name.startsWith('git-task-staging')),
  ]
}

async function agentBranches(upstream: Upstream): Promise<string[]> {
  const names = await upstream.branches()
  return names.filter((name) => name.startsWith('agent/')).map((name) => `the upstream's branch ${name}`)
}

async function mirrorTrouble(mirrorDir: string): Promise<string[]> {
  if ((await namesIn(mirrorDir)).length === 0) return []
  const branches = await tryGit(
    mirrorDir,
    'for-each-ref',
    '--format=the mirror has %(refname)',
    'refs/heads/',
  )
  const fsck = await tryGit(mirrorDir, 'fsck', '--strict')
  const complaint = `git fsck of the mirror ended with ${fsck.code}: ${fsck.stderr}`
  return [
    ...branches.stdout.split('\n').filter((line) => line !== ''),
    ...(fsck.code === 0 ? [] : [complaint]),
  ]
}

async function pathsIn(directory: string, isLeft: (name: string) => boolean): Promise<string[]> {
  return (await namesIn(directory)).filter(isLeft).map((name) => join(directory, name))
}

async function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return []
    throw error
  })
}
