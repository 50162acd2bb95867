import type { Workspace } from 'git-task-isolation'
import { beforeEach, expect, test } from 'vitest'
import { git, tryGit } from '../../helpers/run-git.js'
import { agentCommits, agentGit, agentWrites, makeStage, type Stage } from '../verbs/stage.js'

let stage: Stage
beforeEach(async () => {
  stage = await makeStage({}, { bare: false, name: 'own' })
})

const key = (taskId: string) => ({ envId: 'shop', taskId })

function prepare(taskId: string, baseRef?: string) {
  return stage.manager.prepare({
    ...key(taskId),
    ...{ source: stage.upstream.path, strategy: 'worktree', branch: taskId },
    ...(baseRef !== undefined && { baseRef }),
  })
}

/** Whether something in the caller's repository, or an archive, has the commit. */
async function isSaved(commit: string): Promise<boolean> {
  const contains = ['for-each-ref', '--contains', commit]
  const { stdout } = await tryGit('/', `--git-dir=${stage.layout.archivesRepository}`, ...contains)
  return stdout !== '' || (await git(stage.upstream.path, ...contains)) !== ''
}

test('one started from the branch of the other', async () => {
  const first = await prepare('first')
  await agentCommits(first, 'work.txt')
  const commit = await agentGit(first, 'rev-parse', 'HEAD')
  await prepare('second', 'first')
  const { branch } = await stage.manager.cleanup(key('first'))
  expect(branch?.why).toBe('its commits are saved elsewhere')
  await stage.manager.cleanup(key('second'))
  expect(await isSaved(commit)).toBe(true)
})

test('all are at the same commit, and go at once', async () => {
  const names = ['one', 'two', 'three', 'four']
  const first = await prepare('one')
  await agentCommits(first, 'work.txt')
  const commit = await agentGit(first, 'rev-parse', 'HEAD')
  for (const name of names.slice(1)) {
    const workspace = await prepare(name)
    await agentGit(workspace, 'merge', '--quiet', '--ff-only', 'one')
  }
  await Promise.all(names.map((name) => stage.manager.cleanup(key(name))))
  expect(await stage.manager.list()).toEqual([])
  expect(await isSaved(commit)).toBe(true)
})

/** What has the commit, and may not keep it: a branch that only stands for the task's, and refs that pass. */
const PASSING: Readonly<Record<string, (workspace: Workspace) => Promise<unknown>>> = {
  'a stash': async (workspace) => {
    await agentWrites(workspace, 'work.txt', 'changed\n')
    await agentGit(workspace, 'stash', '--quiet')
  },
  'a ref of its own kind': (workspace) => agentGit(workspace, 'update-ref', 'refs/wip/x', 'HEAD'),
  'another name of the branch': (workspace) =>
    agentGit(workspace, 'symbolic-ref', 'refs/heads/alias', 'refs/heads/task'),
}

test.each(Object.entries(PASSING))('%s does not let the branch go', async (_what, make) => {
  const workspace = await prepare('task')
  await agentCommits(workspace, 'work.txt')
  await make(workspace)
  expect((await workspace.cleanup()).branch).toMatchObject({ deleted: false })
})
