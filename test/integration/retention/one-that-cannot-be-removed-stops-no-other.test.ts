import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Strategy } from 'git-task-isolation'
import { expect, test } from 'vitest'
import { parseManagerOptions } from '../../../src/model/options.js'
import { cleanupAll } from '../../../src/operations/cleanup-all.js'
import { openServices } from '../../../src/operations/open-services.js'
import type { Services } from '../../../src/operations/services.js'
import { sessionStatus } from '../../../src/operations/status.js'
import { sweep } from '../../../src/operations/sweep.js'
import { OwnerLease } from '../../../src/sessions/owner-lease.js'
import { isThere } from '../verbs/presence.js'
import { makeWarmStage } from '../verbs/warm-stage.js'
import { inDays } from './set-back.js'

test('each says why it stays, and the others go', async () => {
  const { prepare, manager, layout } = await makeWarmStage()
  for (const taskId of ['one', 'two', 'three']) await (await prepare({ taskId })).finish('succeeded')
  const file = join(layout.sessionsDir, 'two.json')
  const record: object = JSON.parse(await readFile(file, 'utf8'))
  await writeFile(file, JSON.stringify({ ...record, strategy: 'forgotten' }))
  const { decisions, removed, failed } = await manager.sweep({ now: inDays(8) })
  expect([removed, failed]).toEqual([2, 1])
  const failure = decisions.find(({ error }) => error !== undefined)
  expect(failure).toMatchObject({ key: { taskId: 'two' }, action: 'remove' })
  expect(failure?.error).toContain('STRATEGY_UNKNOWN')
  const there = await Promise.all(['one', 'two', 'three'].map((name) => isThere(join(layout.tasksDir, name))))
  expect(there).toEqual([false, true, false])
})

test('an abort ends it between two of them', async () => {
  const { prepare, manager } = await makeWarmStage()
  for (const taskId of Array.from({ length: 8 }, (_, index) => `task-${index}`))
    await (await prepare({ taskId })).finish('succeeded')
  const controller = new AbortController()
  manager.once('cleanup.completed', () => controller.abort())
  const call = manager.sweep({ now: inDays(8), signal: controller.signal })
  await expect(call).rejects.toMatchObject({ code: 'ABORTED' })
  const left = (await manager.list()).length
  expect(left).toBeGreaterThan(0)
  expect(left).toBeLessThan(8)
  await manager.sweep({ now: inDays(8) })
  expect(await manager.list()).toEqual([])
})

function mistake(): never {
  throw new TypeError('x is no function')
}

const PLAIN = { ownsDirectory: true, usesRepository: false, sharesRefs: false } as const

/** Services in which one owner and one strategy fail as nothing should. */
function withMistakes(root: string, where: 'in its traits' | 'in its removal'): Services {
  const settings = parseManagerOptions({ root }, { root, parallelism: 2 })
  const lease = new OwnerLease(root)
  const stateOf = lease.stateOf.bind(lease)
  lease.stateOf = async (owner, signal) => (owner.id === 'odd' ? mistake() : stateOf(owner, signal))
  const { strategies } = openServices(settings, [], { lease })
  const odd: Strategy = {
    name: 'odd',
    create: mistake,
    remove: mistake,
    get traits(): Strategy['traits'] {
      return where === 'in its traits' ? mistake() : PLAIN
    },
  }
  return openServices(settings, [], { lease, strategies: new Map([...strategies, ['odd', odd]]) })
}

test('nor does a failure that nobody expected, in a look, in a sweep or in a cleanup of all', async () => {
  const { root, layout, prepare } = await makeWarmStage()
  for (const taskId of ['one', 'two', 'three']) await (await prepare({ taskId })).finish('succeeded')
  const change = async (task: string, to: (record: { owner: object }) => object): Promise<void> => {
    const file = join(layout.sessionsDir, `${task}.json`)
    const record = JSON.parse(await readFile(file, 'utf8'))
    await writeFile(file, JSON.stringify({ ...record, ...to(record) }))
  }
  await change('one', ({ owner }) => ({ owner: { ...owner, id: 'odd' } }))
  await change('two', () => ({ strategy: 'odd' }))
  const looking = withMistakes(root, 'in its traits')
  const looked = await sessionStatus(looking, { look: ['unsaved-work'] })
  expect(looked.map(({ taskId, unsavedWork }) => [taskId, unsavedWork?.unknown])).toEqual([
    ['one', []],
    ['three', []],
    ['two', ['unexpected: TypeError: x is no function']],
  ])
  const services = withMistakes(root, 'in its removal')
  const { decisions } = await sweep(services, { now: inDays(8) })
  expect(await Promise.all(['one', 'three'].map((name) => isThere(join(layout.tasksDir, name))))).toEqual([
    true,
    false,
  ])
  const cleaned = await cleanupAll(services, 'shop', { onUnsavedWork: 'discard' })
  await Promise.all([looking.git.close(), services.git.close()])
  expect(cleaned).toMatchObject([
    { key: { taskId: 'one' }, action: 'removed' },
    {
      key: { taskId: 'two' },
      action: 'kept',
      reason: 'unexpected: TypeError: x is no function',
      error: 'UNEXPECTED',
    },
  ])
  const reason = 'it cannot be looked into (unexpected: TypeError: x is no function)'
  expect(decisions.filter(({ kind }) => kind === 'workspace')).toMatchObject([
    { key: { taskId: 'one' }, action: 'keep', attention: 'needed', reason },
    { key: { taskId: 'three' }, action: 'remove' },
    { key: { taskId: 'two' }, action: 'remove', error: 'unexpected: TypeError: x is no function' },
  ])
})
