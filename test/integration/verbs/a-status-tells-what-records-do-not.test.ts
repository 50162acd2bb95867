import { readFile, rename, rm, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SessionStatus } from 'git-task-isolation'
import { expect, test } from 'vitest'
import { withFileLock } from '../../../src/fs/locks.js'
import { ownersDir } from '../../../src/model/layout.js'
import { leaseFile } from '../../../src/sessions/owner-lease.js'
import { snapshotTree } from '../../helpers/tree-snapshot.js'
import { agentCommits, agentWrites, failureOf, KEY, newManager, type Stage } from './stage.js'
import { makeWarmStage } from './warm-stage.js'

/** Lets a record say something else. */
async function changeRecord(stage: Stage, task: string, change: object): Promise<void> {
  const file = join(stage.layout.sessionsDir, `${task}.json`)
  const record: object = JSON.parse(await readFile(file, 'utf8'))
  await writeFile(file, JSON.stringify({ ...record, ...change }))
}

function byTask(statuses: readonly SessionStatus[]): Record<string, SessionStatus> {
  return Object.fromEntries(statuses.map((status) => [status.taskId, status]))
}

test('an owner is this process, another that lives, one that has ended, or one that nobody hears of', async () => {
  const stage = await makeWarmStage()
  const { session } = await stage.prepare({ source: undefined })
  const tasks = ['ended', 'heard', 'silent', 'old']
  for (const taskId of tasks) await stage.prepare({ taskId, source: undefined })
  const stranger = { ...session.owner, host: 'elsewhere', id: 'a-stranger' }
  const silent = { ...session.owner, host: 'elsewhere', id: 'another' }
  await changeRecord(stage, 'ended', { owner: { ...session.owner, id: 'gone', pid: 4_194_304 } })
  await changeRecord(stage, 'heard', { owner: stranger })
  await changeRecord(stage, 'silent', { owner: silent })
  await changeRecord(stage, 'old', { owner: { ...silent, id: 'old' } })
  await writeFile(leaseFile(stage.root, stranger.id), JSON.stringify(stranger))
  await writeFile(leaseFile(stage.root, 'old'), JSON.stringify({ ...silent, id: 'old' }))
  await utimes(leaseFile(stage.root, 'old'), 1000, 1000)
  await rm(join(stage.layout.tasksDir, 'ended/workdir'), { recursive: true })
  const found = byTask(await stage.manager.status({ envId: 'shop' }))
  expect(Object.fromEntries(Object.values(found).map((one) => [one.taskId, one.ownerState]))).toEqual({
    'task-1': 'self',
    ended: 'dead',
    heard: 'alive',
    silent: 'silent',
    old: 'silent',
  })
  expect(found['ended']?.checkout).toBe('absent')
  expect(found['task-1']).toMatchObject({ checkout: 'present', state: 'ready' })
  expect(Object.keys(found['task-1'] ?? {})).not.toContain('unsavedWork')
  await rm(ownersDir(stage.root), { recursive: true })
})

test('unsaved work and sizes are told on demand; no remote is asked, and nothing is changed', async () => {
  const stage = await makeWarmStage()
  const { manager, upstream } = stage
  const worked = await stage.prepare()
  await stage.prepare({ taskId: 'clean', strategy: 'worktree' })
  await manager.prepare({ ...KEY, taskId: 'local', source: stage.directory, strategy: 'local' })
  await agentCommits(worked, 'committed.txt')
  await agentWrites(worked, 'new.txt')
  await rename(upstream.path, `${upstream.path}-gone`)
  const before = await snapshotTree(stage.root)
  const told: unknown[] = []
  const statuses = await manager.status({
    look: ['unsaved-work', 'size'],
    onProgress: (progress) => told.push(progress),
  })
  const found = byTask(statuses)
  expect(found['task-1']?.unsavedWork).toMatchObject({
    counts: { commits: 1, untracked: 1 },
    changedFiles: ['new.txt'],
    unknown: [],
  })
  expect(found['clean']?.unsavedWork).toMatchObject({ counts: { commits: 0, untracked: 0 }, unknown: [] })
  expect(found['local']?.unsavedWork).toBeUndefined()
  expect(found['task-1']?.bytes).toBeGreaterThan(10_000)
  expect(told).toEqual([1, 2, 3].map((done) => ({ done, total: 3 })))
  expect(await snapshotTree(stage.root)).toEqual(before)
})

test('what cannot be looked into says so, and keeps nobody from the others', async () => {
  const stage = await makeWarmStage()
  for (const taskId of ['busy', 'custom', 'half', 'task-1'])
    await stage.prepare({ taskId, source: undefined })
  await changeRecord(stage, 'custom', { strategy: 'of-another-program' })
  await changeRecord(stage, 'half', { state: 'preparing' })
  const lock = join(stage.layout.locksDir, 'session-busy.lock')
  const statuses = await withFileLock(lock, { timeoutMs: 1000, signal: undefined, purpose: 'session' }, () =>
    newManager({ root: stage.root }).status({ look: ['unsaved-work'] }),
  )
  const unknown = statuses.map(({ taskId, unsavedWork }) => [taskId, unsavedWork?.unknown])
  expect(Object.fromEntries(unknown)).toEqual({
    busy: ['a verb is at work on it'],
    custom: ['there is no strategy "of-another-program"'],
    half: undefined,
    'task-1': [],
  })
})

test('a filter and a signal count, and an unknown look is named', async () => {
  const stage = await makeWarmStage()
  await stage.prepare({ source: undefined })
  await stage.prepare({ taskId: 'task-2', source: undefined })
  await stage.manager.finish(KEY, 'failed')
  expect(await stage.manager.status({ outcome: 'failed' })).toMatchObject([{ taskId: 'task-1' }])
  expect(await stage.manager.status({ envId: 'elsewhere' })).toEqual([])
  const stopped = { signal: AbortSignal.abort(), look: ['unsaved-work'] as const }
  expect((await failureOf(stage.manager.status(stopped))).code).toBe('ABORTED')
  const wrong: object = { look: ['everything'] }
  expect(await failureOf(stage.manager.status(wrong))).toMatchObject({ code: 'OPTIONS_INVALID' })
})
