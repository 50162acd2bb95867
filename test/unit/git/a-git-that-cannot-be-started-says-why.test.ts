import { delimiter, join } from 'node:path'
import { expect, it } from 'vitest'
import { Git } from '../../../src/git/git.js'
import { spawnFailure } from '../../../src/git/spawn-failure.js'
import { fakeGit, rejection, temporaryDirectory, writeGit } from './fake-git.js'

const systemError = (code: string) => Object.assign(new Error(code), { code, syscall: 'spawn git' })

it('calls git missing when it is not on PATH', async () => {
  const git = new Git({ gitTimeoutMs: 5_000, environment: { PATH: await temporaryDirectory() } })
  expect((await rejection(git.version())).code).toBe('GIT_MISSING')
})

it('does not call git missing when the directory is', async () => {
  const git = new Git({ gitTimeoutMs: 5_000 })
  const cwd = join(await temporaryDirectory(), 'gone')
  const error = await rejection(git.run({ args: ['status'], cwd }))
  expect(error).toMatchObject({ code: 'GIT_FAILED', data: { cwd } })
})

it.each(['EAGAIN', 'EMFILE', 'ENFILE', 'ENOMEM'])('may be tried again after %s', (code) => {
  expect(spawnFailure(systemError(code), { name: 'git fetch' })).toMatchObject({
    code: 'GIT_FAILED',
    retryable: true,
  })
})

it('says GIT_TOO_OLD with the version that was found, and asks again later', async () => {
  const git = new Git({ gitTimeoutMs: 5_000, environment: await fakeGit('echo git version 2.20.1') })
  const error = await rejection(git.version())
  expect(error.code).toBe('GIT_TOO_OLD')
  expect(error.message).toContain('2.20.1')
  expect((await rejection(git.version())).code).toBe('GIT_TOO_OLD')
  expect(git.processCount).toBe(2)
})

it.each([
  ['2.34.0', true],
  ['2.39.3 (Apple Git-146)', true],
  ['2.39.4', false],
  ['3.0.0', false],
  ['2.51.GIT', false],
])('accepts git %s; below the recommended version: %s', async (text, belowRecommended) => {
  const git = new Git({ gitTimeoutMs: 5_000, environment: await fakeGit(`echo 'git version ${text}'`) })
  await expect(git.version()).resolves.toMatchObject({ text, belowRecommended })
})

it('asks a git for its version once in a process, and another one anew', async () => {
  const environment = await fakeGit('echo git version 2.40.0')
  const gits = [1, 2].map(() => new Git({ gitTimeoutMs: 5_000, environment }))
  await Promise.all(gits.map((git) => git.version()))
  await gits[1]?.version()
  expect(gits.map((git) => git.processCount)).toEqual([1, 0])
  await writeGit(String(environment['PATH']?.split(delimiter)[0]), 'echo git version 2.50.0')
  const upgraded = new Git({ gitTimeoutMs: 5_000, environment })
  await expect(upgraded.version()).resolves.toMatchObject({ text: '2.50.0' })
})
