import { mkdir, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { GitResponseError } from 'simple-git'
import { describe, expect, it, vi } from 'vitest'
import { CallerGitError, callerGit } from '../../../src/git/caller-git.js'
import { fakeGit, plainGit, rejection, repositoryWithOneCommit, temporaryDirectory } from './fake-git.js'

const NAME = {
  GIT_AUTHOR_NAME: 'T',
  GIT_AUTHOR_EMAIL: 't@e.org',
  GIT_COMMITTER_NAME: 'T',
  GIT_COMMITTER_EMAIL: 't@e.org',
}

async function scripted(script: string) {
  const environment = await fakeGit(script)
  return callerGit(await temporaryDirectory(), { PATH: environment['PATH'] ?? '' })
}

async function failure(promise: Promise<unknown>): Promise<CallerGitError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(CallerGitError)
  return error as CallerGitError
}

describe('how a command ends', () => {
  it('a silent command takes no 50 ms more', async () => {
    const git = await scripted('exit 0')
    await git.raw('warm-up')
    let shortest = Number.POSITIVE_INFINITY
    // On a busy machine some are slow; one that waited would be slow each time.
    for (let round = 0; round < 50 && shortest >= 40; round += 1) {
      const started = performance.now()
      await git.raw('silent')
      shortest = Math.min(shortest, performance.now() - started)
    }
    expect(shortest).toBeLessThan(40)
  })

  it('a failure without a word rejects with its exit code', async () => {
    expect((await failure((await scripted('exit 7')).raw('x'))).exitCode).toBe(7)
  })

  it('a failure that only printed to stdout rejects with that', async () => {
    const error = await failure((await scripted('echo nothing to commit; exit 1')).commit('x'))
    expect(error).toMatchObject({
      exitCode: 1,
      stdout: 'nothing to commit\n',
      stderr: '',
      message: 'nothing to commit',
    })
  })

  it('a fatal failure has exit code and stderr', async () => {
    const error = await failure((await scripted('echo fatal: broken >&2; exit 128')).raw('x'))
    expect(error).toMatchObject({ exitCode: 128, stderr: 'fatal: broken\n', message: 'fatal: broken' })
  })

  it('a git that a signal ended rejects', async () => {
    const error = await failure((await scripted('echo half an answer; kill -KILL $$')).raw('x'))
    expect(error).toMatchObject({ exitCode: null, stdout: 'half an answer\n' })
  })

  it('an orphan that keeps the pipe does not keep the caller', async () => {
    const git = await scripted('setsid sleep 4 & echo done')
    const started = performance.now()
    expect(await git.raw('x')).toBe('done\n')
    expect(performance.now() - started).toBeLessThan(3_500)
  })

  it('output that comes late after the exit is not cut off', async () => {
    const git = await scripted('(sleep 0.3; echo late) & exit 0')
    expect(await git.raw('x')).toBe('late\n')
  })
})

describe('answers that simple-git understands', () => {
  it('a key that is not set is null, and a search without a hit is empty', async () => {
    const git = callerGit(await repositoryWithOneCommit(), {})
    expect((await git.getConfig('no.such')).value).toBeNull()
    expect((await git.grep('nowhere')).paths.size).toBe(0)
    expect(await git.checkIsRepo()).toBe(true)
    expect(await callerGit(await temporaryDirectory(), {}).checkIsRepo()).toBe(false)
  })

  it('a conflict comes as the merge result', async () => {
    const directory = await repositoryWithOneCommit()
    const git = callerGit(directory, NAME)
    await git.checkoutLocalBranch('other')
    await writeFile(join(directory, 'file.txt'), 'theirs\n')
    await git.commit('theirs', ['-a'])
    await git.checkout('main')
    await writeFile(join(directory, 'file.txt'), 'ours\n')
    await git.commit('ours', ['-a'])
    const error = await git.merge(['other']).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(GitResponseError)
    expect((error as GitResponseError<{ conflicts: unknown[] }>).git.conflicts).toHaveLength(1)
  })
})

describe('what a command may be', () => {
  it('flags about hooks are not refused, and hooks run', async () => {
    const directory = await repositoryWithOneCommit()
    await mkdir(join(directory, 'my-hooks'))
    await writeFile(join(directory, 'my-hooks/pre-commit'), '#!/bin/sh\necho ran > ran\n', { mode: 0o755 })
    const git = callerGit(directory, NAME)
    await git.raw('-c', `core.hooksPath=${directory}/my-hooks`, 'commit', '--allow-empty', '-m', 'x')
    expect((await git.status()).not_added).toContain('ran')
  })

  it('an abbreviated option is allowed', async () => {
    const git = callerGit(await repositoryWithOneCommit(), {})
    await expect(git.raw('branch', '--show-cur')).resolves.toBe('main\n')
  })
})

describe('where it works', () => {
  it('is not led elsewhere by variables of the orchestrator', async () => {
    const [outer, inner] = [await repositoryWithOneCommit(), await repositoryWithOneCommit()]
    vi.stubEnv('GIT_DIR', join(outer, '.git'))
    vi.stubEnv('GIT_INDEX_FILE', join(outer, '.git/index'))
    vi.stubEnv('LC_ALL', 'de_DE.UTF-8')
    const git = callerGit(inner, { TASK_ID: 'task-1' })
    expect((await git.revparse('--show-toplevel')).trim()).toBe(inner)
    vi.unstubAllEnvs()
  })

  it('has the environment of the task and English messages', async () => {
    const bin = (await fakeGit('echo "$TASK_ID $LC_ALL $GIT_CONFIG_GLOBAL [$GIT_DIR]"'))['PATH'] ?? ''
    vi.stubEnv('GIT_DIR', '/evil')
    const environment = { PATH: bin, TASK_ID: 'task-1', GIT_CONFIG_GLOBAL: '/task/.gitconfig' }
    expect(await callerGit(await temporaryDirectory(), environment).raw('x')).toBe(
      'task-1 C /task/.gitconfig []\n',
    )
    vi.unstubAllEnvs()
  })

  it('says WORKSPACE_MISSING when the directory is not there', async () => {
    const gone = join(await temporaryDirectory(), 'gone')
    expect((await rejection((async () => callerGit(gone, {}))())).code).toBe('WORKSPACE_MISSING')
  })

  it('masks the user of a URL in its errors', async () => {
    const directory = await repositoryWithOneCommit()
    plainGit(directory, 'remote', 'add', 'bad', 'https://me:canary@127.0.0.1:1/r')
    const error = await failure(callerGit(directory, { PATH: process.env['PATH'] ?? delimiter }).fetch('bad'))
    expect(JSON.stringify({ ...error, message: error.message })).not.toContain('canary')
  })
})
