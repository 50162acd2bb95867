import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ProgressLine } from '../../../src/cli/terminal/progress-line.js'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

function terminal(columns?: number) {
  const written: string[] = []
  return { isTTY: true, columns, written, write: (text: string) => written.push(text) }
}

it('says what goes on once it lasts, counts the seconds, and leaves nothing behind', () => {
  const output = terminal()
  const progress = new ProgressLine(output, 'text')
  progress.say('fetching')
  expect(output.written).toEqual([])
  vi.advanceTimersByTime(300)
  progress.say('fetching 50 %')
  vi.advanceTimersByTime(2000)
  progress.clear()
  vi.advanceTimersByTime(10_000)
  expect(output.written).toEqual([
    '\r\x1b[2Kfetching',
    '\r\x1b[2Kfetching 50 %',
    '\r\x1b[2Kfetching 50 % (2 s)',
    '\r\x1b[2K',
  ])
})

it('says nothing of what is over at once', () => {
  const output = terminal()
  const progress = new ProgressLine(output, 'text')
  progress.say('fetching')
  progress.clear()
  vi.advanceTimersByTime(10_000)
  expect(output.written).toEqual([])
})

it('fits the terminal, and obeys nothing', () => {
  const output = terminal(10)
  const progress = new ProgressLine(output, 'text')
  progress.say('looking \x1b[2J into everything')
  vi.advanceTimersByTime(300)
  progress.clear()
  expect(output.written[0]).toBe('\r\x1b[2Klooking …')
})

it.each([
  ['in a pipe', { ...terminal(), isTTY: false }, 'text'],
  ['for a program', terminal(), 'json'],
] as const)('says nothing %s', (_, output, format) => {
  const progress = new ProgressLine(output, format)
  progress.say('fetching')
  vi.advanceTimersByTime(10_000)
  progress.clear()
  expect(output.written).toEqual([])
})
