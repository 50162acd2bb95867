import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { WorkspaceManager } from 'git-task-isolation'
import { beforeEach, expect, test } from 'vitest'
import { namesIn } from '../../../src/fs/presence.js'
import { managedReposDir } from '../../../src/model/layout.js'
import { failureOf, KEY, newManager, type Stage } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'

let stage: Stage
let folder: string
beforeEach(async () => {
  stage = await makeWarmStage()
  folder = join(stage.directory, 'project')
  await mkdir(join(folder, 'inside'), { recursive: true })
  await writeFile(join(folder, 'file.txt'), 'file\n')
})

const local = (manager: WorkspaceManager, envId: string, source: string) =>
  manager.prepare({ envId, taskId: 'task-1', source, strategy: 'local' })

test('of many environments that want it at once exactly one gets it', async () => {
  const managers = Array.from({ length: 6 }, () => newManager({ root: stage.root }))
  const calls = managers.map((manager, index) => local(manager, `env-${index}`, folder))
  const outcomes = await Promise.allSettled(calls)
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []))
  expect(failures.map(({ code }) => code)).toEqual(Array(5).fill('SESSION_TAKEN'))
})

test.each([
  ['inside', 'project/inside'],
  ['around', '.'],
])('a folder %s of one in use is refused, naming who has it', async (_where, path) => {
  await local(stage.manager, 'shop', folder)
  await stage.manager.finish({ envId: 'shop', taskId: 'task-1' }, 'succeeded')
  const { code, message, hint } = await failureOf(local(stage.manager, 'other', join(stage.directory, path)))
  expect(code).toBe('SESSION_TAKEN')
  expect(hint).toMatch(/^Clean up the session/)
  expect(message).toContain(`the session shop/task-1 works in ${folder}`)
})

test('a folder beside it, with a name that begins alike, is not', async () => {
  await local(stage.manager, 'shop', folder)
  await mkdir(`${folder}-2`)
  await local(stage.manager, 'other', `${folder}-2`)
})

test('checkouts of ours below it do not count, since they are apart from it', async () => {
  await stage.prepare()
  await local(stage.manager, 'other', stage.directory)
})

test.each(['local', 'worktree'])('a checkout of ours is none, for the strategy %s', async (strategy) => {
  const { workDir } = await stage.prepare()
  const call = stage.manager.prepare({ envId: 'other', taskId: 'task-1', source: workDir, strategy })
  expect((await failureOf(call)).code).toBe('SOURCE_INVALID')
})

test('afterwards there is no lock', async () => {
  const manager = new WorkspaceManager({ root: stage.root })
  await local(manager, 'shop', folder)
  await manager.cleanup(KEY)
  await manager.close()
  expect(await namesIn(managedReposDir(stage.root))).toEqual(['shop'])
})

test('a session that a newer version of this package has begun keeps its folder', async () => {
  await local(stage.manager, 'shop', folder)
  const file = join(stage.layout.sessionsDir, 'task-1.json')
  const record: object = JSON.parse(await readFile(file, 'utf8'))
  await writeFile(file, JSON.stringify({ ...record, formatVersion: 99 }))
  const { code, message } = await failureOf(local(stage.manager, 'other', folder))
  expect(code).toBe('SESSION_TAKEN')
  expect(message).toContain(`${file} works in ${folder}`)
})
