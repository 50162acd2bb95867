import { readdir } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { git } from '../../helpers/run-git.js'
import { agentCommits, agentGit, agentWrites, makeStage } from '../verbs/stage.js'

async function twoClones() {
  const stage = await makeStage()
  const [one, other] = [await stage.prepare(), await stage.prepare({ taskId: 'task-2' })]
  return { ...stage, one, other }
}

test('no file, branch, tag, stash, setting or hook of one is in the other', async () => {
  const { one, other, layout } = await twoClones()
  const refsBefore = await agentGit(other, 'for-each-ref')
  await agentCommits(one, 'committed.txt')
  await agentGit(one, 'branch', 'side')
  await agentGit(one, 'tag', 'mine')
  await agentWrites(one, 'stashed.txt')
  await agentGit(one, 'stash', '--include-untracked', '--quiet')
  await agentWrites(one, 'untracked.txt')
  await agentGit(one, 'config', 'some.setting', 'mine')
  expect(await agentGit(other, 'for-each-ref')).toBe(refsBefore)
  expect(await agentGit(other, 'stash', 'list')).toBe('')
  expect(await agentGit(other, 'config', '--list', '--local')).not.toContain('some.setting')
  expect((await readdir(other.workDir)).sort()).toEqual(['.agent_context', '.git', 'README.md'])
  expect(await git(layout.mirrorDir, 'for-each-ref', 'refs/heads', 'refs/stash')).toBe('')
})

test('the same branch name in a third clone is refused: on the remote they would meet', async () => {
  const { one, prepare } = await twoClones()
  const taken = prepare({ taskId: 'task-3', branch: String(one.branch) })
  await expect(taken).rejects.toMatchObject({ code: 'BRANCH_TAKEN' })
})

test('what one does to its objects does not harm the other', async () => {
  const { one, other } = await twoClones()
  await agentCommits(one, 'work.txt')
  await agentGit(one, 'reset', '--quiet', '--hard', 'origin/main')
  await agentGit(one, 'reflog', 'expire', '--expire=now', '--all')
  await agentGit(one, 'gc', '--quiet', '--prune=now')
  await agentGit(one, 'remote', 'remove', 'origin')
  expect(await agentGit(other, 'fsck', '--strict')).toBe('')
  expect(await agentGit(other, 'status', '--porcelain')).toBe('')
})

test('the removal of one leaves the other whole', async () => {
  const { one, other } = await twoClones()
  await agentCommits(one, 'work.txt')
  await one.cleanup({ onUnsavedWork: 'discard' })
  await agentCommits(other, 'work.txt')
  await agentGit(other, 'push', '--quiet', '-u', 'origin', 'HEAD')
  expect(await agentGit(other, 'fsck', '--strict')).toBe('')
})
