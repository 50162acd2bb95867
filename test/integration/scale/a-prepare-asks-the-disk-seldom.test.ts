import { AsyncLocalStorage, createHook } from 'node:async_hooks'
import { type Freshness, WorkspaceManager } from 'git-task-isolation'
import { expect, onTestFinished, test, vi } from 'vitest'
import { CHECKOUTS, KEY, makeStage } from '../verbs/stage.js'

/**
 * What goes to the thread pool: each costs ten times what most of them do there. Calls of what runs beside the action
 * are not its own: a lease that is renewed, what the tests before in this process have left to be deleted. The clock
 * stands, since on a loaded machine more is left to the pool.
 */
async function diskCalls(action: () => Promise<unknown>): Promise<number> {
  const own = new AsyncLocalStorage<true>()
  let calls = 0
  const hook = createHook({
    init(_id, type) {
      if (type.startsWith('FSREQ') && own.getStore()) calls += 1
    },
  }).enable()
  vi.useFakeTimers({ toFake: ['performance'] })
  try {
    await own.run(true, action)
    return calls
  } finally {
    vi.useRealTimers()
    hook.disable()
  }
}

const offline: Freshness = { mode: 'offline' }

test.each(CHECKOUTS)(
  'calls that wait for the disk, of one prepare and of one reuse: %s',
  async (strategy) => {
    const { root, upstream } = await makeStage()
    const manager = new WorkspaceManager({ root, strategy })
    onTestFinished(() => manager.close())
    const prepare = (taskId: string) =>
      manager.prepare({ ...KEY, taskId, source: upstream.url, freshness: offline })
    await manager.prepare({ ...KEY, taskId: 'first', source: upstream.url })
    expect(await diskCalls(() => prepare('second'))).toBeLessThan(160)
    expect(await diskCalls(() => prepare('second'))).toBeLessThan(24)
  },
)
