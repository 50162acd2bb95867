import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as eventLoopTurn } from 'node:timers/promises'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { atOnce } from '../../../src/fs/at-once.js'
import { readAtOnce } from '../../../src/fs/read-at-once.js'
import { temporaryDirectory } from '../../helpers/temporary.js'

beforeEach(async () => {
  await eventLoopTurn()
  vi.useFakeTimers({ toFake: ['performance'] })
  onTestFinished(() => {
    vi.useRealTimers()
  })
  vi.advanceTimersByTime(1_000)
})

test('after 5 ms of them it is not now, until 20 ms have passed', async () => {
  const slow = (ms: number) => atOnce(() => vi.advanceTimersByTime(ms) && 'done')
  expect(slow(4)).toEqual({ answer: 'done' })
  expect(slow(2)).toEqual({ answer: 'done' })
  expect(slow(0)).toBe('not now')
  await eventLoopTurn()
  vi.advanceTimersByTime(21)
  expect(slow(0)).toEqual({ answer: 'done' })
})

test('in a loop that calculates in between it is not now until the event loop has turned', async () => {
  const quick = () => atOnce(() => 'done')
  const answers = Array.from({ length: 4 }, () => {
    const answer = quick()
    vi.advanceTimersByTime(10)
    return answer === 'not now' ? answer : answer.answer
  })
  expect(answers).toEqual(['done', 'done', 'done', 'not now'])
  await eventLoopTurn()
  expect(quick()).toEqual({ answer: 'done' })
})

test('a small file is read, and all else is left to those who can say what it is', async () => {
  const folder = await temporaryDirectory()
  const at = (name: string) => join(folder, name)
  await writeFile(at('small'), 'text')
  await writeFile(at('large'), 'x'.repeat(64 * 1024 + 1))
  await symlink('small', at('link'))
  await mkdir(at('folder'))
  const read = ['small', 'none', 'large', 'link', 'folder', 'small/below'].map((name) => readAtOnce(at(name)))
  expect(read).toEqual([Buffer.from('text'), 'absent', ...Array(4).fill('otherwise')])
})
