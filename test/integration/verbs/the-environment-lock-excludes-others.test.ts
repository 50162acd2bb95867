import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { runTypeScript } from '../../helpers/run-program.js'
import { namesIn } from './presence.js'
import { ENV, failureOf, newManager } from './stage.js'
import { makeWarmStage } from './warm-stage.js'

const child = fileURLToPath(new URL('hold-environment.ts', import.meta.url))

/** Runs something while another process holds the lock; the other lets go when it is over. */
async function whileHeldElsewhere(root: string, action: (holder: ChildProcess) => Promise<void>) {
  let acted: Promise<void> | undefined
  const ended = await runTypeScript(child, [root, ENV], {
    onOutput: (holder, stdout) => {
      if (stdout === 'held\n') acted = action(holder).finally(() => holder.kill('SIGTERM'))
    },
  })
  await acted
  expect(ended).toMatchObject({ code: 0, stdout: 'held\nreleased\n' })
}

test('of other processes, whose holder is named to those who wait too long', async () => {
  const { root, upstream } = await makeWarmStage()
  const hurried = newManager({ root, lockTimeoutMs: 200 })
  const patient = newManager({ root })
  const order: string[] = []
  let waiting: Promise<unknown> = Promise.reject(new Error('the lock was never held'))
  waiting.catch(() => undefined)
  await whileHeldElsewhere(root, async ({ pid }) => {
    const error = await failureOf(hurried.withLock(ENV, async () => order.push('hurried')))
    expect(error).toMatchObject({ code: 'LOCK_TIMEOUT', retryable: true, data: { holder: { pid } } })
    const preparing = hurried.prepare({ envId: ENV, taskId: 'task-1', source: upstream.url })
    expect((await failureOf(preparing)).code).toBe('LOCK_TIMEOUT')
    // Another environment is free.
    await hurried.withLock('another', async () => order.push('another'))
    waiting = patient.withLock(ENV, async () => order.push('patient'))
    order.push('let go')
  })
  await waiting
  expect(order).toEqual(['another', 'let go', 'patient'])
  expect(await hurried.list()).toEqual([])
})

test('of managers in the same process, in the order of their calls', async () => {
  const { layout, manager, root } = await makeWarmStage()
  const other = newManager({ root })
  const order: number[] = []
  let inside = 0
  const turn = (number: number) => async () => {
    inside += 1
    expect(inside).toBe(1)
    await namesIn(root)
    order.push(number)
    inside -= 1
  }
  await Promise.all([1, 2, 3, 4, 5].map((n) => (n % 2 ? manager : other).withLock(ENV, turn(n))))
  expect(order.toSorted()).toEqual([1, 2, 3, 4, 5])
  expect(await namesIn(layout.locksDir)).toEqual([])
})

test('and is no lock to take twice: that is an error at once', async () => {
  const { manager, prepare, root } = await makeWarmStage()
  const other = newManager({ root })
  const again = {
    'itself again': () => manager.withLock(ENV, async () => undefined),
    'another manager': () => other.withLock(ENV, async () => undefined),
    'a prepare': () => prepare(),
  }
  for (const [what, call] of Object.entries(again)) {
    const started = performance.now()
    const error = await failureOf(manager.withLock(ENV, call))
    expect([what, error.code, error.retryable]).toEqual([what, 'LOCK_TIMEOUT', false])
    expect(performance.now() - started).toBeLessThan(10_000)
  }
  // Nothing stays locked, and the answer of an action is handed on.
  expect(await manager.withLock(ENV, async () => 42)).toBe(42)
  await prepare()
})

test('is given back when the action fails', async () => {
  const { layout, manager } = await makeWarmStage()
  const failing = manager.withLock(ENV, () => Promise.reject(new Error('the action failed')))
  await expect(failing).rejects.toThrow('the action failed')
  expect(await namesIn(layout.locksDir)).toEqual([])
})
