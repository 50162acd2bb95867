// Run by LockProcess: takes one lock on command and says what happened.
import { open, readFile, rm, writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { isWorkspaceError } from '../../src/errors/workspace-error.js'
import { withFileLock } from '../../src/fs/locks.js'
import type { LockCommand, LockEvent } from './lock-process.js'

const [, , path = ''] = process.argv
let letGo: () => void = () => undefined

function say(event: LockEvent): void {
  process.send?.(event)
}

async function hold(timeoutMs: number): Promise<void> {
  const options = { timeoutMs, purpose: 'child' }
  await withFileLock(path, options, async () => {
    const released = new Promise<void>((resolve) => {
      letGo = resolve
    })
    say({ event: 'held', pid: process.pid })
    await released
  })
  say({ event: 'released' })
}

// The file is read and written without any protection but the lock.
async function count(counter: string, times: number): Promise<void> {
  for (let done = 0; done < times; done++) {
    await withFileLock(path, { timeoutMs: 20_000, purpose: 'count' }, async () => {
      const mark = await open(`${counter}.inside`, 'wx')
      const value = Number(await readFile(counter, 'utf8'))
      await sleep(1)
      await writeFile(counter, String(value + 1))
      await mark.close()
      await rm(`${counter}.inside`)
    })
  }
  say({ event: 'counted' })
}

function block(ms: number): void {
  say({ event: 'blocking' })
  // The message must leave before the loop stands still.
  setImmediate(() => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
    say({ event: 'unblocked' })
  })
}

async function obey(command: LockCommand): Promise<void> {
  if (command.do === 'hold') await hold(command.timeoutMs)
  if (command.do === 'release') letGo()
  if (command.do === 'count') await count(command.counter, command.times)
  if (command.do === 'block') block(command.ms)
}

process.on('message', (command: LockCommand) => {
  obey(command).catch((error: unknown) => {
    say({ event: 'failed', message: String(error), code: isWorkspaceError(error) ? error.code : undefined })
  })
})
process.on('disconnect', () => process.exit())
say({ event: 'started' })
