import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { compareBoots } from '../../../src/fs/boot-id.js'
import { currentProcess, isSameProcessAlive } from '../../../src/fs/process-identity.js'
import { lookUpProcess, lookUpWithPs, parseProcStat } from '../../../src/fs/process-table.js'

test('this process is alive, and no other one with its id is', () => {
  expect(isSameProcessAlive(currentProcess())).toBe('alive')
  expect(isSameProcessAlive({ ...currentProcess(), processStart: '1' })).toBe('dead')
  expect(isSameProcessAlive({ ...currentProcess(), bootId: 'another/boot/id' })).not.toBe('alive')
  expect(isSameProcessAlive({ ...currentProcess(), host: 'elsewhere' })).toBe('unknown')
  expect(isSameProcessAlive({ ...currentProcess(), pid: 0 })).toBe('unknown')
})

const [OWN, CONTAINER, OTHER] = ['4026531836', '4026532201', '4026532207']

test.each([
  ['a machine that was restarted', `a/${OWN}/m`, `b/${OWN}/m`, 'earlier boot'],
  ['a cloned machine', `a/${OWN}/m`, `b/${OWN}/n`, 'elsewhere'],
  ['a container of this boot', `a/${CONTAINER}/`, `a/${CONTAINER}/`, 'same boot'],
  ['a container of another machine, with this name', `a/${CONTAINER}/`, `b/${OTHER}/`, 'elsewhere'],
  ['the same with the same number and image', `a/${CONTAINER}/m`, `b/${CONTAINER}/m`, 'elsewhere'],
  ['a container, asked from a machine', `a/${CONTAINER}/m`, `b/${OWN}/m`, 'elsewhere'],
])('%s is told from this one', (_what, theirs, ours, relation) => {
  expect(compareBoots(theirs, ours)).toBe(relation)
})

test('a process that has ended is dead', () => {
  const pid = Number(execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }))
  expect(isSameProcessAlive({ ...currentProcess(), pid })).toBe('dead')
})

test('a command name with spaces and parentheses does not shift the fields', () => {
  const fields = Array.from({ length: 18 }, (_, index) => `${index}`).join(' ')
  expect(parseProcStat(`12 (a) Z (b) S ${fields} 4242 0`)).toEqual({ presence: 'present', start: '4242' })
  expect(parseProcStat(`12 (node) Z ${fields} 4242 0`)).toEqual({ presence: 'zombie', start: '4242' })
})

test('ps tells the same where there is no /proc', () => {
  const found = lookUpWithPs(process.pid)
  expect(found.presence).toBe(lookUpProcess(process.pid).presence)
  expect(found.start).toMatch(/^\w{3} \w{3} +\d+ [\d:]{8} \d{4}$/)
  expect(lookUpWithPs(2 ** 22 + 1)).toEqual({ presence: 'absent', start: '' })
})
