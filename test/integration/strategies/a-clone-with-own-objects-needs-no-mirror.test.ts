import { mkdir, readdir, rename, rm, stat, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workspace } from 'git-task-isolation'
import { beforeEach, expect, test } from 'vitest'
import { agentCommits, agentGit, failureOf, makeStage, type Stage } from '../verbs/stage.js'

let stage: Stage
beforeEach(async () => {
  stage = await makeStage({ onUnsavedWork: 'refuse' }, { branches: { other: { 'other.txt': 'other\n' } } })
})

async function expectWhole(workspace: Workspace): Promise<void> {
  await rename(stage.layout.mirrorDir, `${stage.layout.mirrorDir}-away`)
  expect(await agentGit(workspace, 'fsck', '--full', '--no-dangling', '--connectivity-only')).toBe('')
  expect(await agentGit(workspace, 'status', '--porcelain')).toBe('')
  await rename(`${stage.layout.mirrorDir}-away`, stage.layout.mirrorDir)
}

test('it is whole without the mirror, with all that any clone sees', async () => {
  const borrowed = await stage.prepare({ taskId: 'borrowed' })
  const own = await stage.prepare({ objects: 'own' })
  await expectWhole(own)
  const refs = ['for-each-ref', 'refs/remotes', 'refs/tags']
  expect(await agentGit(own, ...refs)).toBe(await agentGit(borrowed, ...refs))
  await expect(readdir(join(own.workDir, '.git/objects/info'))).resolves.toEqual([])
})

test('no object file of it is one of the mirror', async () => {
  const own = await stage.prepare({ objects: 'own' })
  const linked = await agentGit(own, 'count-objects', '-v')
  expect(linked).toContain('packs: 1')
  const packs = await readdir(join(own.workDir, '.git/objects/pack'))
  const pack = packs.find((name) => name.endsWith('.pack')) ?? ''
  expect((await stat(join(own.workDir, '.git/objects/pack', pack))).nlink).toBe(1)
})

test("it has a base that only a task's branch in the mirror has", async () => {
  const worktree = await stage.prepare({ taskId: 'worktree', strategy: 'worktree' })
  const commit = await agentCommits(worktree, 'mine.txt')
  const own = await stage.prepare({ objects: 'own', baseRef: worktree.branch })
  expect(await agentGit(own, 'rev-parse', 'HEAD')).toBe(commit)
  await expectWhole(own)
})

test.each(['fast-forward', 'rebase', 'reset'] as const)(
  'it stays so when it is refreshed: %s',
  async (mode) => {
    const own = await stage.prepare({ objects: 'own' })
    if (mode === 'rebase') await agentCommits(own, 'mine.txt')
    await stage.upstream.commit('main', { 'new.txt': 'new\n' })
    await stage.upstream.commit('other', { 'newer.txt': 'newer\n' })
    expect((await own.refresh({ mode })).action).toBe('updated')
    await expectWhole(own)
  },
)

test('it is handed out and refreshed though the mirror was deleted', async () => {
  await stage.prepare({ objects: 'own' })
  await rm(stage.layout.mirrorDir, { recursive: true })
  const own = await stage.prepare({ objects: 'own' })
  expect(own.reused).toBe(true)
  await stage.upstream.commit('main', { 'new.txt': 'new\n' })
  expect((await own.refresh()).action).toBe('updated')
  expect((await own.cleanup()).action).toBe('removed')
})

test('it is not handed out for one that borrows, nor the other way round', async () => {
  await stage.prepare({ objects: 'own' })
  expect((await failureOf(stage.prepare({ objects: 'borrowed' }))).code).toBe('SESSION_TAKEN')
  await stage.prepare({ taskId: 'borrowed' })
  expect((await stage.prepare({ taskId: 'borrowed', objects: 'borrowed' })).reused).toBe(true)
  expect((await failureOf(stage.prepare({ taskId: 'borrowed', objects: 'own' }))).code).toBe('SESSION_TAKEN')
})

test('where an object cannot be copied, nothing is left', async () => {
  await stage.prepare({ taskId: 'first' })
  await mkdir(join(stage.layout.mirrorDir, 'objects/00', '0'.repeat(38)), { recursive: true })
  await expect(stage.prepare({ objects: 'own' })).rejects.toThrow('EISDIR')
  expect(await stage.manager.list()).toHaveLength(1)
  expect(await readdir(stage.layout.tasksDir)).toEqual(['first'])
})

test('nothing is copied through a link that an agent has put in the place of its objects', async () => {
  const own = await stage.prepare({ objects: 'own' })
  const elsewhere = join(stage.directory, 'elsewhere')
  await rename(join(own.workDir, '.git/objects/pack'), elsewhere)
  await symlink(elsewhere, join(own.workDir, '.git/objects/pack'))
  const before = await readdir(elsewhere)
  await stage.upstream.commit('main', { 'new.txt': 'new\n' })
  expect((await failureOf(own.refresh())).code).toBe('TAMPERED')
  expect(await readdir(elsewhere)).toEqual(before)
})
