import { expect, it } from 'vitest'
import { Git } from '../../../src/git/git.js'
import { parseProgress } from '../../../src/git/progress.js'
import { fakeGit } from './fake-git.js'

it.each([
  ['Receiving objects:  42% (8/19), 1.20 MiB | 2.00 MiB/s', { stage: 'Receiving objects', percent: 42 }],
  ['remote: Counting objects: 100% (3/3), done.', { stage: 'Counting objects', percent: 100 }],
  ['Updating files:   9% (9/100)', { stage: 'Updating files', percent: 9 }],
  ['Updating files: 10%', { stage: 'Updating files', percent: 10 }],
  ['Resolving deltas:   0% (0/5)', { stage: 'Resolving deltas', percent: 0 }],
  ['remote: Enumerating objects: 5, done.', undefined],
  ['remote: I am 50% done', undefined],
  ['Receiving objects: 999% (1/1)', undefined],
  ['fatal: nothing', undefined],
])('%s', (line, expected) => {
  expect(parseProgress(line)).toEqual(expected)
})

it('arrives while git runs, from lines that end with a carriage return, also when cut in pieces', async () => {
  const environment = await fakeGit(
    "printf 'Receiving obj' >&2; sleep 0.05; printf 'ects:  50%% (1/2)\\rReceiving objects: 100%% (2/2)\\n' >&2",
  )
  const seen: number[] = []
  const git = new Git({ gitTimeoutMs: 5_000, environment })
  await git.run({ args: ['fetch'], onProgress: ({ percent }) => seen.push(percent) })
  expect(seen).toEqual([50, 100])
})

it('rejects with what the listener threw, and stops git', async () => {
  const environment = await fakeGit("printf 'Updating files: 50%%\\n' >&2; exec sleep 30")
  const onProgress = () => {
    throw new Error('listener')
  }
  const git = new Git({ gitTimeoutMs: 5_000, environment })
  await expect(git.run({ args: ['checkout'], onProgress })).rejects.toThrow('listener')
})
