import { join } from 'node:path'
import { feedGit, git } from '../helpers/run-git.js'
import { createUpstream, type Upstream } from '../helpers/upstream.js'

const TEN = [...'0123456789']

/**
 * A repository with the branches `main`, with three small files; `bomb`, whose one file is there ten billion times, ten
 * trees deep; `hollow`, with as many folders and no file; and `deep`, with a path longer than any system takes.
 */
export async function createBomb(directory: string): Promise<Upstream> {
  const files = { 'one.txt': '1\n', 'two.txt': '2\n', 'sub/three.txt': '3\n' }
  const upstream = await createUpstream(join(directory, 'bomb.git'), { files })
  const { path } = upstream
  const blob = await git(path, 'rev-parse', 'main:one.txt')
  await addBranch(
    path,
    'bomb',
    await nested(
      path,
      TEN.map((name) => `100644 blob ${blob}\tf${name}`),
      9,
    ),
  )
  await addBranch(path, 'hollow', await nested(path, [], 10))
  const folders = Array.from({ length: 50 }, () => 'd'.repeat(100)).join('/')
  await upstream.commit('deep', { [`${folders}/file.txt`]: 'deep\n' })
  return upstream
}

async function nested(path: string, leaves: readonly string[], levels: number): Promise<string> {
  let tree = await makeTree(path, leaves)
  for (let level = 0; level < levels; level += 1)
    tree = await makeTree(
      path,
      TEN.map((name) => `040000 tree ${tree}\td${name}`),
    )
  return tree
}

const makeTree = (path: string, lines: readonly string[]) =>
  feedGit(path, lines.map((line) => `${line}\n`).join(''), 'mktree')

async function addBranch(path: string, branch: string, tree: string): Promise<void> {
  const commit = await git(path, 'commit-tree', '-m', branch, tree)
  await git(path, 'update-ref', `refs/heads/${branch}`, commit)
}
