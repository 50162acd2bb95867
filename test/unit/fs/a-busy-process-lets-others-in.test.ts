import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { withFileLock } from '../../../src/fs/locks.js'
import { LockProcess } from '../../helpers/lock-process.js'
import { temporaryDirectory } from '../../helpers/temporary.js'

test('another process gets its turn long before a line in this process is served', async () => {
  const path = join(await temporaryDirectory(), 'a.lock')
  const other = await LockProcess.start(path)
  onTestFinished(() => other.end())
  let served = 0
  const work = async () => {
    await sleep(80)
    served += 1
  }
  const calls = Array.from({ length: 8 }, () =>
    withFileLock(path, { timeoutMs: 20_000, purpose: 'test' }, work),
  )
  await other.hold()
  expect(served).toBeLessThan(6)
  other.tell({ do: 'release' })
  await Promise.all(calls)
})
