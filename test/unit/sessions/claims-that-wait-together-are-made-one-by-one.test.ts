import { AsyncLocalStorage } from 'node:async_hooks'
import { mkdir, readdir } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { beforeEach, expect, test } from 'vitest'
import { environmentLayout, taskLayout } from '../../../src/model/layout.js'
import { SESSION_FORMAT, type SessionRecord } from '../../../src/model/session-record.js'
import { ClaimLine } from '../../../src/sessions/claim-line.js'
import { FileSessionStore } from '../../../src/sessions/file-session-store.js'
import { currentOwner } from '../../../src/sessions/owner.js'
import { temporaryDirectory } from '../../helpers/temporary.js'

const ENV = 'shop'
const keyOf = (taskId: string) => ({ envId: ENV, taskId })

let root: string
let store: FileSessionStore
beforeEach(async () => {
  root = await temporaryDirectory()
  await mkdir(environmentLayout(root, ENV).sessionsDir, { recursive: true })
  store = openStore()
})

test('each sees those before it, and nothing is left of the lock', async () => {
  const seen: string[][] = []
  const claims = numbered(30).map((taskId) =>
    store.claim(keyOf(taskId), async (others) => {
      seen.push(others.map((other) => other.taskId).sort())
      return recordOf(taskId)
    }),
  )
  const made = (await Promise.all(claims)).map(({ taskId }) => taskId)
  expect(made).toEqual(numbered(30))
  expect(seen.map((others) => others.length)).toEqual(numbered(30).map((_, index) => index))
  expect(seen.at(-1)).toEqual(numbered(29).sort())
  expect((await store.list(ENV)).length).toBe(30)
  expect(await readdir(environmentLayout(root, ENV).locksDir)).toEqual([])
})

test('one look at all records serves all that wait, however long it takes', async () => {
  let looks = 0
  const line = new ClaimLine(environmentLayout(root, ENV).environmentLock, async () => {
    looks += 1
    await delay(120)
    return []
  })
  const options = { timeoutMs: 30_000, purpose: 'environment' }
  await Promise.all(numbered(5).map((taskId) => line.claim(async () => recordOf(taskId), options)))
  expect(looks).toBe(1)
})

test('one that is refused says so, and the others are made', async () => {
  const claims = numbered(6).map((taskId, index) =>
    store.claim(keyOf(taskId), async () => {
      if (index % 2 === 0) throw new Error(`no ${taskId}`)
      return recordOf(taskId)
    }),
  )
  const outcomes = (await Promise.allSettled(claims)).map((outcome) =>
    outcome.status === 'rejected' ? outcome.reason.message : outcome.value.taskId,
  )
  expect(outcomes).toEqual(['no t0', 't1', 'no t2', 't3', 'no t4', 't5'])
  expect((await store.list(ENV)).map(({ taskId }) => taskId)).toEqual(['t1', 't3', 't5'])
})

test('two of one key never both succeed', async () => {
  const claims = [1, 2, 3].map(() => store.claim(keyOf('same'), async () => recordOf('same')))
  const outcomes = await Promise.allSettled(claims)
  expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBe(1)
  expect(outcomes.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: { code: 'SESSION_TAKEN' },
  })
})

test('one whose caller gives up is not made, whether it waits or is being made', async () => {
  const [first, second] = [new AbortController(), new AbortController()]
  const making = store.claim(
    keyOf('first'),
    async () => {
      second.abort()
      first.abort()
      return recordOf('first')
    },
    first.signal,
  )
  const waiting = store.claim(keyOf('second'), async () => recordOf('second'), second.signal)
  const third = store.claim(keyOf('third'), async () => recordOf('third'))
  const outcomes = await Promise.allSettled([making, waiting, third])
  expect(outcomes).toMatchObject([
    { status: 'rejected', reason: { code: 'ABORTED' } },
    { status: 'rejected', reason: { code: 'ABORTED' } },
    { status: 'fulfilled' },
  ])
  expect((await store.list(ENV)).map(({ taskId }) => taskId)).toEqual(['third'])
})

test('one that was asked for after a release does not see what was released', async () => {
  await store.claim(keyOf('gone'), async () => recordOf('gone'))
  let later: Promise<string[]> | undefined
  await store.claim(keyOf('first'), async (others) => {
    expect(others.map(({ taskId }) => taskId)).toEqual(['gone'])
    await store.release(keyOf('gone'))
    later = idsSeenBy('later')
    return recordOf('first')
  })
  expect(await later).toEqual(['first'])
})

test('each runs in the asynchronous context of its caller', async () => {
  const context = new AsyncLocalStorage<string>()
  const claims = numbered(5).map((taskId) =>
    context.run(taskId, () => store.claim(keyOf(taskId), async () => recordOf(taskId, context.getStore()))),
  )
  expect((await Promise.all(claims)).map(({ branch }) => branch)).toEqual(numbered(5))
})

test('what another process has changed meanwhile is seen', async () => {
  const elsewhere = openStore()
  await store.claim(keyOf('one'), async () => recordOf('one', 'before'))
  expect(await branchesSeenBy('two')).toEqual(['before'])
  await elsewhere.transition(keyOf('one'), ['reserved'], (record) => ({
    ...record,
    state: 'preparing',
    branch: 'after!',
  }))
  expect((await branchesSeenBy('three')).sort()).toEqual(['after!', 'two'])
})

async function idsSeenBy(taskId: string): Promise<string[]> {
  let seen: string[] = []
  await store.claim(keyOf(taskId), async (others) => {
    seen = others.map((other) => other.taskId)
    return recordOf(taskId)
  })
  return seen
}

async function branchesSeenBy(taskId: string): Promise<(string | undefined)[]> {
  let seen: (string | undefined)[] = []
  await store.claim(keyOf(taskId), async (others) => {
    seen = others.map(({ branch }) => branch)
    return recordOf(taskId, taskId)
  })
  return seen
}

function numbered(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `t${index}`)
}

function openStore(): FileSessionStore {
  return new FileSessionStore({ root, lockTimeoutMs: 30_000, onUnreadable: () => undefined })
}

function recordOf(taskId: string, branch?: string): SessionRecord {
  const { rootDir, workDir } = taskLayout(root, keyOf(taskId))
  const now = new Date(0).toISOString()
  return {
    formatVersion: SESSION_FORMAT,
    ...keyOf(taskId),
    state: 'reserved',
    strategy: 'worktree',
    rootDir,
    workDir,
    branch,
    owner: currentOwner(),
    createdAt: now,
    updatedAt: now,
  }
}
