import { mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { git, tryGit } from '../helpers/run-git.js'
import { snapshotTree } from '../helpers/tree-snapshot.js'
import { agentCommits, makeStage } from '../integration/verbs/stage.js'

test('a fetch writes what upstream has, to the refs of upstream and nowhere else', async () => {
  const stage = await makeStage({}, { branches: { 'topic/one': {} } })
  const { mirrorDir } = stage.layout
  const victim = await stage.prepare({ strategy: 'worktree' })
  const work = await agentCommits(victim, 'work.txt')
  const elsewhere = join(stage.directory, 'elsewhere')
  await mkdir(elsewhere)
  for (const folder of ['refs/tags/v', 'refs/git-task', 'refs/remotes/origin/topic']) {
    await rm(join(mirrorDir, folder), { recursive: true, force: true })
    await symlink(elsewhere, join(mirrorDir, folder))
  }
  await writeFile(join(mirrorDir, 'refs/remotes/origin/main'), `ref: refs/heads/${victim.branch}\n`)
  await writeFile(join(mirrorDir, 'refs/remotes/origin/HEAD'), `ref: refs/heads/${victim.branch}\n`)
  const later = await stage.upstream.commit('main', { 'later.txt': 'later\n' })
  const topic = await stage.upstream.commit('topic/one', { 'topic.txt': 'topic\n' })
  await stage.upstream.git('tag', 'v/1', later)

  const warned: unknown[] = []
  stage.manager.on('warning', ({ code, message }) => warned.push(`${code}: ${message}`))
  const freshness = { mode: 'require' } as const
  expect((await stage.prepare({ taskId: 'task-2', freshness })).base?.commit).toBe(later)
  expect((await stage.prepare({ taskId: 'task-3', freshness, baseRef: 'topic/one' })).base?.commit).toBe(
    topic,
  )
  expect(await git(mirrorDir, 'rev-parse', 'refs/tags/v/1')).toBe(later)
  expect(await git(mirrorDir, 'rev-parse', `refs/heads/${victim.branch}`)).toBe(work)
  expect(await readdir(elsewhere)).toEqual([])
  expect(warned.filter((line) => String(line).startsWith('TAMPERED')).length).toBeGreaterThan(0)
  expect((await tryGit(mirrorDir, 'fsck', '--no-progress')).code).toBe(0)
})

test('whole folders and packed refs that are links go with a warning, and the tasks go on', async () => {
  const stage = await makeStage({}, { branches: { 'topic/one': {} } })
  const { mirrorDir } = stage.layout
  const victim = await stage.prepare({ strategy: 'worktree' })
  const work = await agentCommits(victim, 'work.txt')
  await git(mirrorDir, 'pack-refs', '--all')
  const elsewhere = join(stage.directory, 'elsewhere')
  await mkdir(elsewhere)
  for (const name of ['packed-refs', 'refs/remotes', 'refs/tags']) {
    await rename(join(mirrorDir, name), join(elsewhere, name.replace('/', '-')))
    await symlink(join(elsewhere, name.replace('/', '-')), join(mirrorDir, name))
  }
  const before = await snapshotTree(elsewhere, { mtime: true })
  const warned: unknown[] = []
  stage.manager.on('warning', ({ code }) => warned.push(code))
  const { base } = await stage.prepare({ taskId: 'task-2', strategy: 'worktree', baseRef: 'topic/one' })
  expect(base?.commit).toBe(await stage.upstream.git('rev-parse', 'topic/one'))
  expect(warned).toEqual(['TAMPERED', 'TAMPERED', 'TAMPERED'])
  expect(await snapshotTree(elsewhere, { mtime: true })).toEqual(before)
  expect(await git(mirrorDir, 'rev-parse', `refs/heads/${victim.branch}`)).toBe(work)
  expect(await victim.refresh()).toMatchObject({ action: 'up-to-date' })
})
