import { appendFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { managedRepoCheckoutPath } from 'git-task-isolation'
import { describe, expect, test } from 'vitest'
import type { Files } from '../../helpers/fast-import.js'
import { git } from '../../helpers/run-git.js'
import { snapshotTree } from '../../helpers/tree-snapshot.js'
import { isThere } from './presence.js'
import { agentCommits, agentGit, CHECKOUTS, ENV, failureOf, makeStage } from './stage.js'

const FILES = { 'README.md': '# Upstream\n', 'b.txt': 'b\n' }

/** `managed-repos/shop` as an older runner left it: a clone in use, with changes of every kind. */
async function oldCheckout(files: Files = FILES) {
  const stage = await makeStage({}, { files })
  const path = stage.manager.checkoutPath(ENV)
  await mkdir(join(path, '..'), { recursive: true })
  await git(join(path, '..'), 'clone', '--quiet', stage.upstream.url, ENV)
  await appendFile(join(path, 'README.md'), 'changed\n')
  await writeFile(join(path, 'staged.txt'), 'staged\n')
  await git(path, 'add', 'staged.txt')
  await writeFile(join(path, 'untracked.txt'), 'untracked\n')
  const look = async () => ({
    status: await git(path, 'status', '--porcelain', '--untracked-files=all'),
    head: await git(path, 'rev-parse', 'HEAD'),
    tree: await snapshotTree(path, { ignore: ['tasks', '.git-task', '.git/index'] }),
  })
  return { ...stage, path, look }
}

test('checkoutPath of an environment names it', async () => {
  const { manager, path, root } = await oldCheckout()
  expect(path).toBe(join(root, 'managed-repos', ENV))
  expect(managedRepoCheckoutPath(root, ENV)).toBe(path)
  expect(await isThere(join(path, '.git'))).toBe(true)
  expect(manager.checkoutPath(ENV, 'task-1')).toBe(join(path, 'tasks/task-1'))
})

describe.each([...CHECKOUTS, 'directory'])('with tasks of the strategy %s beside it', (strategy) => {
  test('its status and its files are those of before', async () => {
    const { look, prepare, path } = await oldCheckout()
    const before = await look()
    // The control: there is something to be seen.
    expect(before.status.split('\n')).toHaveLength(3)
    const workspace = await prepare({ strategy })
    expect(await look()).toEqual(before)
    await git(path, 'add', '--all', '--dry-run')
    if (strategy !== 'directory') await agentCommits(workspace, 'work.txt')
    await failureOf(workspace.cleanup({ onUnsavedWork: 'refuse' })).catch(() => undefined)
    expect(await look()).toEqual(before)
    await workspace.cleanup({ onUnsavedWork: 'discard' })
    expect(await look()).toEqual(before)
  })

  test('a prepare that fails in it leaves it as it was, to the last folder', async () => {
    const { directory, path, prepare } = await oldCheckout()
    const before = await snapshotTree(path)
    const source = `file://${join(directory, 'none')}`
    if (strategy === 'directory') await failureOf(prepare({ strategy, taskFiles: { '../x': '' } }))
    else await failureOf(prepare({ strategy, source }))
    expect(await snapshotTree(path)).toEqual(before)
  })
})

test('`git add -A` in it stages nothing of ours, and `git clean -fd` deletes nothing of ours', async () => {
  const { path, prepare } = await oldCheckout()
  const workspace = await prepare({ strategy: 'worktree' })
  await git(path, 'add', '--all')
  expect(await git(path, 'diff', '--cached', '--name-only')).toBe('README.md\nstaged.txt\nuntracked.txt')
  await git(path, 'clean', '-fdq')
  expect(await agentGit(workspace, 'status', '--porcelain')).toBe('')
})

test("an agent's git never takes the old checkout for its own", async () => {
  const { manager, path } = await oldCheckout()
  const { workDir, git: handle } = await manager.prepare({ envId: ENV, taskId: 'plain' })
  await expect(handle().revparse(['--show-toplevel'])).rejects.toThrow(/not a git repository/)
  expect(workDir.startsWith(path)).toBe(true)
})

describe('where the repository has a folder named tasks of its own', () => {
  test.each<[string, Files]>([
    ['with files in it', { ...FILES, 'tasks/build.txt': 'build\n' }],
    ['with an ignore file in it', { ...FILES, 'tasks/.gitignore': '*.log\n' }],
  ])('%s, its status is the same, too', async (_what, files) => {
    const { look, path, prepare } = await oldCheckout(files)
    await writeFile(join(path, 'tasks/new-by-hand.txt'), 'by hand\n')
    const before = await look()
    const workspace = await prepare()
    expect((await look()).status).toBe(before.status)
    await workspace.cleanup({ onUnsavedWork: 'discard' })
    expect((await look()).status).toBe(before.status)
  })
})
