import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { git } from '../../helpers/run-git.js'
import { agentGit, KEY, makeStage } from '../verbs/stage.js'

const context = { issueTitle: 'Ours', files: { 'notes.md': 'ours\n' } }

async function callersCheckout() {
  const stage = await makeStage({}, { bare: false, name: 'own', files: { 'sub/a.txt': 'a\n' } })
  const prepare = (folder: string) =>
    stage.manager.prepare({ ...KEY, source: folder, strategy: 'local', context })
  return { ...stage, path: stage.upstream.path, prepare }
}

test.each(['.', 'sub'])('in a repository, used from "%s"', async (folder) => {
  const { path, prepare } = await callersCheckout()
  const workspace = await prepare(join(path, folder))
  expect(await git(path, 'status', '--porcelain', '--untracked-files=all')).toBe('')
  await agentGit(workspace, 'add', '--all', ':/')
  expect(await agentGit(workspace, 'diff', '--cached', '--name-only')).toBe('')
})

test('in a repository that tracks the folder but has it deleted', async () => {
  const { path, prepare } = await callersCheckout()
  await mkdir(join(path, '.agent_context'))
  await writeFile(join(path, '.agent_context/issue_context.md'), 'theirs\n')
  await git(path, 'add', '--all')
  await git(path, 'commit', '--quiet', '-m', 'Track it')
  await rm(join(path, '.agent_context'), { recursive: true })
  const before = await git(path, 'status', '--porcelain')
  const workspace = await prepare(path)
  expect(await git(path, 'status', '--porcelain')).toBe(before)
  await agentGit(workspace, 'add', '--all')
  expect(await agentGit(workspace, 'diff', '--cached', '--name-status')).toBe(
    'D\t.agent_context/issue_context.md',
  )
})

test('the identity of the caller and his settings are those of the folder', async () => {
  const { path, prepare } = await callersCheckout()
  await git(path, 'config', 'user.name', 'The Owner')
  await git(path, 'config', 'user.email', 'owner@example.org')
  const workspace = await prepare(path)
  await writeFile(join(path, 'work.txt'), 'work\n')
  await agentGit(workspace, 'add', '--all')
  await agentGit(workspace, 'commit', '--quiet', '-m', 'Work')
  const author = await git(path, 'log', '-1', '--format=%an <%ae>')
  expect(author).toBe('The Owner <owner@example.org>')
  expect(await git(path, 'show', '--name-only', '--format=', 'HEAD')).toBe('work.txt')
})
