import { describe, expect, it } from 'vitest'
import { gitFailure } from '../../../src/git/failure.js'
import { Git } from '../../../src/git/git.js'
import { fakeGit, rejection, repositoryWithOneCommit, temporaryDirectory } from './fake-git.js'

const codeOf = (stderr: string) => gitFailure({ command: 'git fetch', code: 128, signal: null, stderr }).code

describe('what git, ssh and curl say', () => {
  it.each([
    ["fatal: could not read Username for 'https://h': terminal prompts disabled", 'GIT_AUTH'],
    ["fatal: Authentication failed for 'https://h/r/'", 'GIT_AUTH'],
    ["fatal: unable to access 'https://h/r/': The requested URL returned error: 403", 'GIT_AUTH'],
    ['git@h: Permission denied (publickey).\nfatal: Could not read from remote repository.', 'GIT_AUTH'],
    ['Host key verification failed.\nfatal: Could not read from remote repository.', 'GIT_AUTH'],
    ["remote: Repository not found.\nfatal: repository 'https://h/r/' not found", 'GIT_NETWORK'],
    ['ERROR: Repository not found.\nfatal: Could not read from remote repository.', 'GIT_NETWORK'],
    ["fatal: unable to access 'https://h/': Could not resolve host: h", 'GIT_NETWORK'],
    ["fatal: '/x' does not appear to be a git repository", 'GIT_NETWORK'],
    ["fatal: unable to access 'https://h/r/': The requested URL returned error: 503", 'GIT_NETWORK'],
    ['fatal: the remote end hung up unexpectedly', 'GIT_NETWORK'],
    ["fatal: couldn't find remote ref refs/heads/x", 'GIT_REF_MISSING'],
    ['fatal: remote error: upload-pack: not our ref 1234', 'GIT_REF_MISSING'],
    ["fatal: your current branch 'main' does not have any commits yet", 'GIT_REPOSITORY_EMPTY'],
    ['fatal: write error: No space left on device', 'DISK_FULL'],
    ["fatal: transport 'ext' not allowed", 'GIT_FAILED'],
    ["error: unable to create file 'No space left on device/x': Permission denied", 'GIT_FAILED'],
    ['remote: fatal: No space left on device', 'GIT_FAILED'],
    ['something else', 'GIT_FAILED'],
  ])('%s → %s', (stderr, code) => {
    expect(codeOf(stderr)).toBe(code)
  })
})

it('keeps command, exit code and stderr as data, and survives JSON', async () => {
  const environment = await fakeGit('echo "fatal: bad thing https://me:pass@h/r" >&2; exit 3')
  const error = await rejection(
    new Git({ gitTimeoutMs: 5_000, environment }).run({ args: ['-c', 'a.b=c', 'fetch'] }),
  )
  expect(error).toMatchObject({
    code: 'GIT_FAILED',
    message: 'git fetch failed: exit code 3',
    data: { command: 'git fetch', exitCode: 3, signal: null, stderr: 'fatal: bad thing https://***@h/r' },
  })
  expect(JSON.parse(JSON.stringify(error)).data.exitCode).toBe(3)
})

it('rejects when a signal ended git, whatever it had said', async () => {
  const environment = await fakeGit('echo fine; kill -SEGV $$')
  const error = await rejection(new Git({ gitTimeoutMs: 5_000, environment }).run({ args: ['fetch'] }))
  expect(error).toMatchObject({ code: 'GIT_FAILED', data: { exitCode: null, signal: 'SIGSEGV' } })
})

it('resolves for the exit codes that the call allows, and for no other', async () => {
  const git = new Git({ gitTimeoutMs: 5_000, environment: await fakeGit('exit 1') })
  await expect(git.run({ args: ['diff'], okCodes: [0, 1] })).resolves.toMatchObject({ code: 1 })
  expect((await rejection(git.run({ args: ['diff'], okCodes: [0, 2] }))).code).toBe('GIT_FAILED')
})

it('says the same about real git', async () => {
  const git = new Git({ gitTimeoutMs: 5_000 })
  const [cwd, empty] = [await repositoryWithOneCommit(), await temporaryDirectory()]
  const file = (url: string) => ({ protocols: ['file' as const], url })
  const missing = { cwd, args: ['rev-parse', '--verify', 'nothing^{commit}'] }
  expect((await rejection(git.run(missing))).code).toBe('GIT_REF_MISSING')
  const fetch = { cwd, args: ['fetch', cwd, 'nothing'], network: file(cwd) }
  expect((await rejection(git.run(fetch))).code).toBe('GIT_REF_MISSING')
  const unreachable = { cwd, args: ['fetch', `${empty}/gone`], network: file(`${empty}/gone`) }
  expect((await rejection(git.run(unreachable))).code).toBe('GIT_NETWORK')
  await git.run({ cwd: empty, args: ['init', '-q'] })
  expect((await rejection(git.run({ cwd: empty, args: ['log'] }))).code).toBe('GIT_REPOSITORY_EMPTY')
})
