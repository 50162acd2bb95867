import { spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { Git, type NetworkAccess } from '../../../src/git/git.js'
import { type GitHttpServerOptions, startGitHttpServer } from '../../helpers/git-http-server.js'
import { fakeGit, plainGit, rejection, repositoryWithOneCommit, temporaryDirectory } from './fake-git.js'

// Unlike any other, since the arguments of every process of the machine are searched for it.
const CANARY = `canary${randomBytes(8).toString('hex')}`
const TOKEN = `${CANARY}/Token+0123456789=`
const LOGIN = { username: 'robot', password: TOKEN }
const hasBackend = !/not a git command/.test(spawnSync('git', ['http-backend'], { encoding: 'utf8' }).stderr)

async function serverWith(options: Omit<GitHttpServerOptions, 'root'>) {
  const root = await temporaryDirectory()
  plainGit(root, 'clone', '-q', '--bare', await repositoryWithOneCommit(), join(root, 'shop.git'))
  const server = await startGitHttpServer({ root, ...options })
  onTestFinished(() => server.close())
  return { ...server, repository: `${server.url}/shop.git` }
}

function lsRemote(git: Git, url: string, credentials?: NetworkAccess['credentials']) {
  return git.run({ args: ['ls-remote', url], network: { protocols: ['http', 'https'], url, credentials } })
}

describe.skipIf(!hasBackend)('a server with basic authentication', () => {
  const git = new Git({ gitTimeoutMs: 5_000 })

  it('lets the right token in', async () => {
    const { repository, requests } = await serverWith(LOGIN)
    const { stdout } = await lsRemote(git, repository, { username: 'robot', token: TOKEN })
    expect(stdout).toContain('refs/heads/main')
    expect(requests.some(({ authorization }) => authorization !== undefined)).toBe(true)
  })

  it('answers a wrong token with GIT_AUTH, without the token in the error', async () => {
    const { repository } = await serverWith({ username: 'robot', password: 'other' })
    const error = await rejection(lsRemote(git, repository, { username: 'robot', token: TOKEN }))
    expect(error.code).toBe('GIT_AUTH')
    expect(`${JSON.stringify(error)}${error.stack}`).not.toContain(CANARY)
  })

  it('answers no token with GIT_AUTH and no prompt', async () => {
    const { repository } = await serverWith(LOGIN)
    expect((await rejection(lsRemote(git, repository))).code).toBe('GIT_AUTH')
  })

  it('answers a repository that is not there with GIT_NETWORK', async () => {
    const { url } = await serverWith({})
    expect((await rejection(lsRemote(git, `${url}/gone.git`))).code).toBe('GIT_NETWORK')
  })

  it('sends nothing to the host that a redirect leads to', async () => {
    const thief = await serverWith(LOGIN)
    const { repository } = await serverWith({ redirectTo: thief.url })
    const error = await rejection(lsRemote(git, repository, { username: 'robot', token: TOKEN }))
    expect(error.code).toBe('GIT_AUTH')
    expect(thief.requests.length).toBeGreaterThan(0)
    expect(thief.requests.filter(({ authorization }) => authorization !== undefined)).toEqual([])
    // The control: the thief's server takes this token when it is meant for it.
    await expect(lsRemote(git, thief.repository, { username: 'robot', token: TOKEN })).resolves.toBeDefined()
  })

  it('sends nothing when the token is meant for another host', async () => {
    const { repository, requests } = await serverWith(LOGIN)
    const credentials = { username: 'robot', token: TOKEN, host: 'example.org' }
    expect((await rejection(lsRemote(git, repository, credentials))).code).toBe('GIT_AUTH')
    expect(requests.filter(({ authorization }) => authorization !== undefined)).toEqual([])
  })

  it('is left within the deadline when it stalls', async () => {
    const { repository } = await serverWith({ stall: true })
    const patient = new Git({ gitTimeoutMs: 300 })
    expect((await rejection(lsRemote(patient, repository))).code).toBe('GIT_TIMEOUT')
  })

  it("uses the user's own credential helper when no token is given, and not when one is", async () => {
    const { repository, requests } = await serverWith(LOGIN)
    const home = await temporaryDirectory()
    const helper = `!f() { echo "$1" >> ${home}/asked; echo username=robot; echo "password=${TOKEN}"; }; f`
    plainGit(home, 'config', '--file', '.gitconfig', 'credential.helper', helper)
    const { GIT_CONFIG_GLOBAL: _, ...rest } = process.env
    const environment = { ...rest, HOME: home }
    const users = new Git({ gitTimeoutMs: 5_000, environment })
    await expect(lsRemote(users, repository)).resolves.toMatchObject({ code: 0 })
    const asked = readFileSync(join(home, 'asked'), 'utf8')
    expect(asked).toContain('get')
    await lsRemote(users, repository, { username: 'robot', token: TOKEN })
    expect(readFileSync(join(home, 'asked'), 'utf8')).toBe(asked)
    expect(requests.length).toBeGreaterThan(2)
  })

  it.skipIf(process.platform !== 'linux')(
    'finds no token in the arguments of any process meanwhile',
    async () => {
      const { repository } = await serverWith(LOGIN)
      const seen = new Set<string>()
      const watch = setInterval(() => collectArguments(seen), 1)
      onTestFinished(() => clearInterval(watch))
      for (let round = 0; round < 5; round++)
        await lsRemote(git, repository, { username: 'robot', token: TOKEN })
      const all = [...seen].join('\n')
      // The control: the children were seen at all.
      expect(all).toContain('ls-remote')
      expect(all).toContain('remote-http')
      expect(all).not.toContain(CANARY)
    },
  )
})

it('refuses a URL with a password as an argument', async () => {
  const git = new Git({ gitTimeoutMs: 5_000 })
  for (const url of [`https://u:${TOKEN}@h/r`, 'https://token@h/r', 'ssh://u:p@h/r']) {
    const error = await rejection(lsRemote(git, url))
    expect(error.code).toBe('SOURCE_INVALID')
    expect(JSON.stringify(error)).not.toContain(CANARY)
  }
  expect(git.processCount).toBe(0)
})

it.each([
  { token: 'a\nhost=evil' },
  { token: 'a', username: 'b\rc' },
  { token: 'a', host: '*.org' },
  { token: 'a', host: 'h/p' },
])('refuses credentials that mean more than they say: %j', async (credentials) => {
  const git = new Git({ gitTimeoutMs: 5_000 })
  expect((await rejection(lsRemote(git, 'https://h.invalid/r', credentials))).code).toBe('OPTIONS_INVALID')
})

it('masks the token in what git prints, also encoded', async () => {
  const forms = [TOKEN, encodeURIComponent(TOKEN), Buffer.from(`robot:${TOKEN}`).toString('base64')]
  const script = `[ "$1" = config ] && exit 0; for form in ${forms.map((form) => `'${form}'`).join(' ')}; do echo "saw $form" >&2; done; exit 1`
  const git = new Git({ gitTimeoutMs: 5_000, environment: await fakeGit(script) })
  const network = {
    protocols: ['https' as const],
    url: 'https://h/r',
    credentials: { username: 'robot', token: TOKEN },
  }
  const error = await rejection(git.run({ args: ['fetch'], network }))
  const text = JSON.stringify(error)
  expect(text).toContain('saw ***')
  for (const form of forms) expect(text).not.toContain(form)
})

it('masks the token in the result and in a timeout, too', async () => {
  const environment = await fakeGit(`echo "saw ${TOKEN}" >&2; [ "$1" = hang ] && exec sleep 30; exit 0`)
  const git = new Git({ gitTimeoutMs: 300, environment })
  const network = { protocols: ['https' as const], url: 'https://h/r', credentials: { token: TOKEN } }
  expect((await git.run({ args: ['fetch'], network })).stderr).toBe('saw ***')
  const error = await rejection(git.run({ args: ['hang'], network }))
  expect(error).toMatchObject({ code: 'GIT_TIMEOUT', data: { stderr: 'saw ***' } })
})

it('writes no token to a file', async () => {
  const home = await temporaryDirectory()
  await mkdir(join(home, 'tmp'))
  await writeFile(join(home, '.gitconfig'), '[credential]\n\thelper = store\n')
  const { GIT_CONFIG_GLOBAL: _, ...rest } = process.env
  const git = new Git({
    gitTimeoutMs: 5_000,
    environment: { ...rest, HOME: home, TMPDIR: join(home, 'tmp') },
  })
  const { repository } = await serverWith(LOGIN)
  await lsRemote(git, repository, { username: 'robot', token: TOKEN })
  expect(readdirSync(home, { recursive: true })).toEqual(['.gitconfig', 'tmp'])
})

function collectArguments(into: Set<string>): void {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      into.add(readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' '))
    } catch (error) {
      // The process has ended since the folder was read.
      if (!(error instanceof Error && /ENOENT|ESRCH/.test(error.message))) throw error
    }
  }
}
