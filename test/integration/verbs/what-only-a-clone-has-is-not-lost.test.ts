import { mkdir, readdir, readFile, rename, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workspace } from 'git-task-isolation'
import { describe, expect, it } from 'vitest'
import { environmentLayout } from '../../../src/model/layout.js'
import { failureOf, KEY, tryAgentGit } from './stage.js'
import { makeWarmStage } from './warm-stage.js'

const git = async (workspace: Workspace, ...args: string[]): Promise<void> => {
  const { code, stderr } = await tryAgentGit(workspace, args)
  expect(code, stderr).toBe(0)
}

/** What an agent may do in its clone that no remote branch will ever show. */
const WORK: Readonly<Record<string, (workspace: Workspace) => Promise<void>>> = {
  'a light tag on the base': (workspace) => git(workspace, 'tag', 'light'),
  'an annotated tag on the base': (workspace) => git(workspace, 'tag', '-m', 'note', 'annotated'),
  notes: (workspace) => git(workspace, 'notes', 'add', '-m', 'a note'),
  'a commit under a ref of its own kind': async (workspace) => {
    await git(workspace, 'commit', '--allow-empty', '-m', 'parked')
    await git(workspace, 'update-ref', 'refs/wip/parked', 'HEAD')
    await git(workspace, 'reset', '--hard', 'HEAD~1')
  },
  'a worktree of the clone': (workspace) =>
    git(workspace, 'worktree', 'add', join(workspace.stateDir, 'more')),
}

describe.each(Object.entries(WORK))('%s', (_name, work) => {
  it('keeps the clone', async () => {
    const stage = await makeWarmStage({ onUnsavedWork: 'refuse' })
    const workspace = await stage.prepare()
    await work(workspace)
    expect((await failureOf(workspace.cleanup())).code).toBe('UNSAVED_WORK')
  })
})

it('a tag that was pushed keeps nothing', async () => {
  const stage = await makeWarmStage({ onUnsavedWork: 'refuse' })
  const workspace = await stage.prepare()
  await git(workspace, 'tag', '-m', 'note', 'v2')
  await git(workspace, 'push', 'origin', 'v2')
  expect((await workspace.cleanup()).action).toBe('removed')
})

it('a cleanup that could not move the workspace looks again the next time', async () => {
  const stage = await makeWarmStage({ onUnsavedWork: 'refuse' })
  const workspace = await stage.prepare()
  const { trashDir } = environmentLayout(stage.root, KEY.envId)
  await writeFile(trashDir, 'in the way')
  await expect(workspace.cleanup()).rejects.toThrow()
  expect((await stage.manager.list()).map(({ state }) => state)).toEqual(['ready'])
  await writeFile(join(workspace.workDir, 'later.txt'), 'made after the failure\n')
  expect((await failureOf(workspace.cleanup())).code).toBe('UNSAVED_WORK')
})

it('a checkout that was moved and linked to stays where it is, and so do the results beside it', async () => {
  const stage = await makeWarmStage()
  const workspace = await stage.prepare()
  await writeFile(join(workspace.outputDir, 'result.txt'), 'worth keeping\n')
  const elsewhere = join(stage.directory, 'elsewhere')
  await mkdir(elsewhere)
  await rename(workspace.workDir, join(elsewhere, 'workdir'))
  await symlink(join(elsewhere, 'workdir'), workspace.workDir)
  expect((await stage.prepare()).reused).toBe(false)
  expect(await readFile(join(workspace.outputDir, 'result.txt'), 'utf8')).toBe('worth keeping\n')
  expect(await readdir(join(elsewhere, 'workdir'))).toContain('README.md')
})
