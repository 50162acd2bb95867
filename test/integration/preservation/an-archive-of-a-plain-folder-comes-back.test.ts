import { chmod, mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { git } from '../../helpers/run-git.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { snapshotTree } from '../../helpers/tree-snapshot.js'
import { agentWrites, KEY, newManager } from '../verbs/stage.js'

it('gives back the files of a task without a repository, a repository of its own among them', async () => {
  const root = await temporaryDirectory()
  const manager = newManager({ root })
  const workspace = await manager.prepare({ ...KEY, context: { issueTitle: 'The title' } })
  await agentWrites(workspace, 'file.txt')
  await agentWrites(workspace, 'build.log', 'not ignored, since nothing is here\n')
  await mkdir(join(workspace.workDir, 'folder/empty'), { recursive: true })
  await symlink('../file.txt', join(workspace.workDir, 'folder/link'))
  await agentWrites(workspace, 'run', '#!/bin/sh\n')
  await chmod(join(workspace.workDir, 'run'), 0o755)
  await git(workspace.workDir, 'init', '--quiet', '-b', 'main')
  await git(workspace.workDir, 'add', 'file.txt')
  await git(workspace.workDir, 'commit', '--quiet', '-m', 'own')
  await git(workspace.workDir, 'worktree', 'add', '--quiet', '--detach', 'folder/wt')
  const before = await snapshotTree(workspace.workDir)
  expect(Object.keys(before)).toContain('.agent_context/issue_context.md')

  const { archive } = await manager.cleanup(KEY)
  expect(archive?.headCommit).toBeUndefined()
  // Its own four files, and those of its repository.
  expect(archive?.contains.untracked).toBeGreaterThan(4)
  const restored = await manager.restore(KEY)
  expect(await snapshotTree(restored.workDir)).toEqual(before)
  expect(await git(restored.workDir, 'log', '--format=%s')).toBe('own')
  const other = await manager.restore(KEY, { taskId: 'task-2' })
  const inWorktree = (...args: string[]) => git(join(other.workDir, 'folder/wt'), 'rev-parse', ...args)
  expect(await inWorktree('--git-common-dir')).toBe(join(other.workDir, '.git'))
})
