import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { git } from '../../helpers/run-git.js'
import { agentWrites } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'
import { workFoundIn } from './look.js'

test('the index of a worktree is archived without its checkout, and comes back with the files', async () => {
  const { prepare, manager } = await makeWarmStage({})
  const workspace = await prepare({ strategy: 'worktree' })
  await agentWrites(workspace, 'staged.txt', 'staged')
  await agentWrites(workspace, 'README.md', 'changed')
  await git(workspace.workDir, 'add', '.')
  const before = await git(workspace.workDir, 'status', '--porcelain')
  await rm(workspace.workDir, { recursive: true })
  expect(await workFoundIn(workspace)).toMatchObject({
    changedFiles: ['README.md', 'staged.txt'],
    counts: { staged: 2 },
  })
  await expect(workspace.cleanup({ onUnsavedWork: 'refuse' })).rejects.toMatchObject({ code: 'UNSAVED_WORK' })
  await workspace.cleanup()
  const back = await manager.restore(workspace.key)
  expect(await git(back.workDir, 'status', '--porcelain')).toBe(before)
  expect(await readFile(join(back.workDir, 'staged.txt'), 'utf8')).toBe('staged')
})
