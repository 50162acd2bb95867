import { rm, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Git } from '../../../src/git/git.js'
import { fakeGit, plainGit, rejection, repositoryWithOneCommit, temporaryDirectory } from './fake-git.js'

async function childEnvironment(orchestrator: NodeJS.ProcessEnv, call: object = {}) {
  const environment = { ...(await fakeGit('env -0')), ...orchestrator }
  const { stdout } = await new Git({ gitTimeoutMs: 5_000, environment }).run({ args: ['status'], ...call })
  return new Map(stdout.split('\0').map((line) => [line.split('=', 1)[0], line.slice(line.indexOf('=') + 1)]))
}

describe('the environment of git', () => {
  it('has no inherited repository, configuration, loader or secret variable', async () => {
    const hostile = {
      GIT_DIR: '/evil',
      GIT_INDEX_FILE: '/evil',
      GIT_WORK_TREE: '/evil',
      GIT_OBJECT_DIRECTORY: '/evil',
      GIT_CONFIG_PARAMETERS: "'core.fsmonitor=/evil'",
      GIT_EXTERNAL_DIFF: '/evil',
      GIT_TRACE: '/evil',
      LD_PRELOAD_X: '/evil',
      AWS_SECRET_ACCESS_KEY: '/evil',
    }
    const seen = await childEnvironment(hostile)
    expect([...seen.values()].filter((value) => value === '/evil')).toEqual([])
    expect([...seen.keys()]).not.toContain('GIT_CONFIG_PARAMETERS')
  })

  it('keeps home, proxies, CA file and the ssh agent', async () => {
    const kept = {
      HOME: '/h',
      https_proxy: 'http://p',
      SSH_AUTH_SOCK: '/s',
      GIT_SSL_CAINFO: '/ca',
      SSL_CERT_FILE: '/c',
    }
    const seen = await childEnvironment(kept)
    for (const [name, value] of Object.entries(kept)) expect(seen.get(name)).toBe(value)
  })

  it('speaks English whatever the locale', async () => {
    const seen = await childEnvironment({ LC_ALL: 'de_DE.UTF-8', LANG: 'de_DE.UTF-8', LANGUAGE: 'de' })
    expect(seen.get('LC_ALL')).toBe('C')
    expect(seen.has('LANGUAGE')).toBe(false)
  })

  it('asks nobody and allows no transport', async () => {
    const seen = await childEnvironment({ GIT_ASKPASS: '/evil', SSH_ASKPASS: '/evil', GIT_EDITOR: 'vi' })
    expect(Object.fromEntries(seen)).toMatchObject({
      GIT_TERMINAL_PROMPT: '0',
      GIT_ASKPASS: '',
      SSH_ASKPASS: '',
      GIT_EDITOR: ':',
      GIT_ALLOW_PROTOCOL: 'none',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_OPTIONAL_LOCKS: '0',
    })
  })

  it('has the places that the call names', async () => {
    const call = { gitDir: '/g', workTree: '/w', indexFile: '/i', alternates: ['/a', `/b${delimiter}c`] }
    const seen = await childEnvironment({}, call)
    expect(seen.get('GIT_DIR')).toBe('/g')
    expect(seen.get('GIT_WORK_TREE')).toBe('/w')
    expect(seen.get('GIT_INDEX_FILE')).toBe('/i')
    expect(seen.get('GIT_ALTERNATE_OBJECT_DIRECTORIES')).toBe(`/a${delimiter}"/b${delimiter}c"`)
  })

  it.each([
    ['ssh -i key', 'ssh -i key -o BatchMode=yes'],
    ['/usr/bin/ssh', '/usr/bin/ssh -o BatchMode=yes'],
    ['my-wrapper --x', 'my-wrapper --x'],
  ])('keeps the ssh command %s as %s', async (own, expected) => {
    expect((await childEnvironment({ GIT_SSH_COMMAND: own })).get('GIT_SSH_COMMAND')).toContain(expected)
  })
})

it('works while the orchestrator runs in a hook of another repository', async () => {
  const [outer, inner] = [await repositoryWithOneCommit(), await repositoryWithOneCommit()]
  const environment = {
    ...process.env,
    GIT_DIR: join(outer, '.git'),
    GIT_INDEX_FILE: join(outer, '.git/index'),
  }
  const git = new Git({ gitTimeoutMs: 5_000, environment })
  const { stdout } = await git.run({ cwd: inner, args: ['rev-parse', '--show-toplevel'] })
  expect(stdout.trim()).toBe(inner)
})

it('runs no command from the configuration of a repository', async () => {
  const [cwd, sentinel] = [await repositoryWithOneCommit(), join(await temporaryDirectory(), 'sentinel')]
  const attack = join(await temporaryDirectory(), 'attack')
  await writeFile(attack, `#!/bin/sh\ntouch ${sentinel}\n`, { mode: 0o755 })
  for (const key of ['core.fsmonitor', 'core.alternateRefsCommand', 'credential.helper', 'core.sshCommand']) {
    plainGit(cwd, 'config', key, attack)
  }
  await writeFile(join(cwd, '.git/hooks/post-commit'), `#!/bin/sh\ntouch ${sentinel}\n`, { mode: 0o755 })
  const git = new Git({ gitTimeoutMs: 5_000 })
  await git.run({ cwd, args: ['status'] })
  const identity = { 'user.name': 'T', 'user.email': 't@example.org' }
  await git.run({ cwd, args: ['commit', '-q', '--allow-empty', '-m', 'x'], config: identity })
  await expect(git.run({ cwd: '/', args: ['hash-object', sentinel] })).rejects.toThrow('exit code 128')
  // The control: plain git is caught by it.
  plainGit(cwd, 'status')
  await expect(git.run({ cwd: '/', args: ['hash-object', sentinel] })).resolves.toMatchObject({ code: 0 })
})

it('believes neither grafts nor replace refs of a repository', async () => {
  const cwd = await repositoryWithOneCommit()
  plainGit(cwd, 'commit', '-q', '--allow-empty', '-m', 'second')
  const [first, second] = ['HEAD~1', 'HEAD'].map((name) => plainGit(cwd, 'rev-parse', name).trim())
  const git = new Git({ gitTimeoutMs: 5_000 })
  const parents = async () => (await git.run({ cwd, args: ['rev-list', '--parents', '-1', 'HEAD'] })).stdout
  await writeFile(join(cwd, '.git/info/grafts'), `${second}\n`)
  // The control: plain git is led astray by each of them.
  expect(plainGit(cwd, 'rev-list', '--parents', '-1', 'HEAD')).toBe(`${second}\n`)
  expect(await parents()).toBe(`${second} ${first}\n`)
  await rm(join(cwd, '.git/info/grafts'))
  plainGit(cwd, 'replace', '--graft', 'HEAD')
  expect(plainGit(cwd, 'rev-list', '--parents', '-1', 'HEAD')).toBe(`${second}\n`)
  expect(await parents()).toBe(`${second} ${first}\n`)
})

it('refuses every transport that the call does not name', async () => {
  const [cwd, source] = [await repositoryWithOneCommit(), await repositoryWithOneCommit()]
  const git = new Git({ gitTimeoutMs: 5_000 })
  const fetch = { cwd, args: ['fetch', `file://${source}`, 'main'] }
  expect((await rejection(git.run(fetch))).message).toContain('transport is not allowed')
  const network = { protocols: ['file' as const], url: `file://${source}` }
  await expect(git.run({ ...fetch, network })).resolves.toMatchObject({ code: 0 })
  const ext = { cwd, args: ['fetch', 'ext::sh -c "exit 0"'], network }
  expect((await rejection(git.run(ext))).message).toContain('transport is not allowed')
})
