import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { processTag, stateOfTag } from '../../../src/fs/process-tag.js'
import { isTemporaryNameOf, makerOfTemporary, temporaryName } from '../../../src/fs/temporary-name.js'

test('a name of this process has a living maker', () => {
  const name = temporaryName('record.json')
  expect(makerOfTemporary(name)).toBe('alive')
  expect(isTemporaryNameOf(name, 'record.json')).toBe(true)
  expect(temporaryName('record.json')).not.toBe(name)
})

test('a process that ended is dead, also when its id was given out again', async () => {
  const [place, , start] = processTag().split('-')
  const child = spawn(process.execPath, ['-e', ''], { stdio: 'ignore' })
  const { pid } = child
  await once(child, 'close')
  expect(stateOfTag(`${place}-${pid}-${start}`)).toBe('dead')
  expect(stateOfTag(`${place}-${process.pid}-00000000`)).toBe('dead')
})

test('of another machine nothing is known', () => {
  const [, pid, start] = processTag().split('-')
  expect(stateOfTag(`00000000-${pid}-${start}`)).toBe('unknown')
})

test.each([
  ['.x.tmp-0123', 'unknown'],
  ['.x.tmp-', 'unknown'],
  ['x.json', undefined],
  ['x.tmp-1', undefined],
])('%s is %s', (name, state) => {
  expect(makerOfTemporary(name)).toBe(state)
})
