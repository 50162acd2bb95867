import { mkdir, writeFile } from 'node:fs/promises'
import { devNull } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { agentCommits, agentGit, CHECKOUTS, tryAgentGit } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'

const author = ['log', '-1', '--format=%an <%ae> %cn <%ce>']

/** Gives this process a home with one configuration file. */
async function userSettings(directory: string, where: string, content: string): Promise<void> {
  const file = join(directory, 'home', where)
  await mkdir(join(file, '..'), { recursive: true })
  await writeFile(file, content)
  vi.stubEnv('HOME', join(directory, 'home'))
  vi.stubEnv('XDG_CONFIG_HOME', where.startsWith('xdg/') ? join(directory, 'home/xdg') : undefined)
  vi.stubEnv('GIT_CONFIG_GLOBAL', where === 'elsewhere' ? file : undefined)
  onTestFinished(() => void vi.unstubAllEnvs())
}

const USERS = '[user]\n\tname = A User\n\temail = user@example.org\n[alias]\n\tshout = !echo from the user\n'

describe.each(CHECKOUTS)('with the strategy %s', (strategy) => {
  test('an agent can commit where nobody has a name', async () => {
    const { prepare } = await makeWarmStage()
    const workspace = await prepare({ strategy, agentName: 'backend-engineer' })
    await agentCommits(workspace, 'work.txt')
    const who = 'backend-engineer <backend-engineer@agent.invalid>'
    expect(await agentGit(workspace, ...author)).toBe(`${who} ${who}`)
  })

  test('the identity that was given is the one of every commit', async () => {
    const { directory, prepare } = await makeWarmStage()
    await userSettings(directory, '.gitconfig', USERS)
    const identity = { name: 'The "Bot" \\ #1', email: 'bot@example.org' }
    const workspace = await prepare({ strategy, identity })
    await agentCommits(workspace, 'work.txt')
    const who = `${identity.name} <${identity.email}>`
    expect(await agentGit(workspace, ...author)).toBe(`${who} ${who}`)
  })

  test.each(['.gitconfig', '.config/git/config', 'xdg/git/config', 'elsewhere'])(
    "the user's own settings in %s still apply",
    async (where) => {
      const { directory, prepare } = await makeWarmStage()
      await userSettings(directory, where, USERS)
      const workspace = await prepare({ strategy, agentName: 'engineer' })
      await agentCommits(workspace, 'work.txt')
      const who = 'A User <user@example.org>'
      expect(await agentGit(workspace, ...author)).toBe(`${who} ${who}`)
      expect(await agentGit(workspace, 'shout')).toBe('from the user')
    },
  )

  test('a checkout that somebody else owns is trusted by name, and no other', async () => {
    const { prepare, upstream } = await makeWarmStage()
    const workspace = await prepare({ strategy })
    const stranger = { GIT_TEST_ASSUME_DIFFERENT_OWNER: '1' }
    const status = ['status', '--porcelain']
    expect(await tryAgentGit(workspace, status, stranger)).toMatchObject({ code: 0, stdout: '' })
    // The controls: without the task's settings git refuses, and so it does elsewhere.
    const bare = { ...stranger, GIT_CONFIG_GLOBAL: devNull }
    expect((await tryAgentGit(workspace, status, bare)).stderr).toContain('dubious ownership')
    const elsewhere = await tryAgentGit(workspace, ['-C', upstream.path, 'log', '-1'], stranger)
    expect(elsewhere.stderr).toContain('dubious ownership')
    expect(await agentGit(workspace, 'config', '--get-all', 'safe.directory')).not.toContain('*')
  })

  test('a second prepare keeps the identity, and a new one takes its place', async () => {
    const { prepare } = await makeWarmStage()
    const identity = { name: 'One', email: 'one@example.org' }
    await prepare({ strategy, identity })
    const kept = await prepare({ strategy })
    expect(await agentGit(kept, 'config', 'user.email')).toBe('one@example.org')
    const changed = await prepare({ strategy, identity: { name: 'Two', email: 'two@example.org' } })
    expect(await agentGit(changed, 'config', 'user.email')).toBe('two@example.org')
  })
})

test.each(['<>', '.', 'Zoë "the bot"', ' '])('an agent named %j can commit', async (agentName) => {
  const { prepare } = await makeWarmStage()
  const workspace = await prepare({ agentName, branch: 'task' })
  await agentCommits(workspace, 'work.txt')
  expect(await agentGit(workspace, 'log', '-1', '--format=%ae')).toMatch(/^[a-z-]+@agent\.invalid$/)
})
