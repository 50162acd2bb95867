import { mkdir, readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { clearDeadLocks } from '../../../src/fs/lock-leftovers.js'
import { withFileLock } from '../../../src/fs/locks.js'
import { isPresent } from '../../../src/fs/presence.js'
import { processTag } from '../../../src/fs/process-tag.js'
import { LockProcess } from '../../helpers/lock-process.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { FORGED_TOKEN, forgeLock } from './forged-lock.js'

const options = { timeoutMs: 10_000, purpose: 'test' }
const AT_ONCE_MS = 100

async function takenAfter(path: string, startedAt: () => number): Promise<number> {
  return withFileLock(path, options, async () => performance.now() - startedAt())
}

/** The shortest of some takeovers: on a busy machine one or the other is slow, where somebody waits each is. */
async function shortest(takeover: () => Promise<number>): Promise<number> {
  let ms = Number.POSITIVE_INFINITY
  for (let round = 0; round < 20 && ms >= AT_ONCE_MS; round += 1) ms = Math.min(ms, await takeover())
  return ms
}

test('a SIGKILLed holder loses its lock to a waiter in less than a tenth of a second', async () => {
  const folder = await temporaryDirectory()
  const path = join(folder, 'a.lock')
  const takeover = async () => {
    const holder = await LockProcess.start(path)
    onTestFinished(() => holder.end())
    await holder.hold()
    let killedAt = Number.POSITIVE_INFINITY
    const waiting = takenAfter(path, () => killedAt)
    killedAt = performance.now()
    holder.signal('SIGKILL')
    const tookMs = await waiting
    expect(tookMs).toBeGreaterThan(0)
    expect(await readdir(folder)).toEqual([])
    return tookMs
  }
  expect(await shortest(takeover)).toBeLessThan(AT_ONCE_MS)
})

test.runIf(process.platform === 'linux')('a holder that is a zombie counts as dead', async () => {
  const path = join(await temporaryDirectory(), 'a.lock')
  const holder = await LockProcess.startUnderDeafParent(path)
  onTestFinished(() => holder.end())
  const pid = await holder.hold()
  process.kill(pid, 'SIGKILL')
  expect(await takenAfter(path, () => 0)).toBeGreaterThan(0)
  expect(await readFile(`/proc/${pid}/stat`, 'utf8')).toMatch(/\) Z /)
})

test.each([
  ['its process id is gone', { pid: 2 ** 22 + 1 }],
  ['its process id belongs to a later process', { processStart: '1' }],
  ['the machine was restarted', { bootId: '00000000-0000-4000-8000-000000000000' }],
])('a lock is taken over when %s', async (_why, identity) => {
  const path = join(await temporaryDirectory(), 'a.lock')
  const takeover = async () => {
    await forgeLock(path, identity)
    const startedAt = performance.now()
    return takenAfter(path, () => startedAt)
  }
  expect(await shortest(takeover)).toBeLessThan(AT_ONCE_MS)
})

test('what killed processes left in a folder is cleared, and what is alive is kept', async () => {
  const folder = await temporaryDirectory()
  await forgeLock(join(folder, 'dead.lock'), { processStart: '1' })
  await forgeLock(join(folder, 'alive.lock'), {})
  await forgeLock(join(folder, 'foreign.lock'), { host: 'elsewhere' })
  await forgeLock(join(folder, `dead.lock.${FORGED_TOKEN}.claim`), { processStart: '1' })
  const torn = join(
    folder,
    `torn.lock.${FORGED_TOKEN}.${processTag().replace(/-[0-9a-f]{8}$/, '-00000000')}.claim`,
  )
  const young = join(folder, `young.lock.${FORGED_TOKEN}.${processTag()}.claim`)
  for (const claim of [torn, young]) await mkdir(claim)
  expect(await clearDeadLocks(folder)).toHaveLength(3)
  expect([await isPresent(torn), await isPresent(young)]).toEqual([false, true])
  expect(await readdir(folder)).toEqual(['alive.lock', 'foreign.lock', basename(young)])
})
