import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { PrepareRequest } from 'git-task-isolation'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { createUpstream } from '../../helpers/upstream.js'
import { agentGit, GIT_STRATEGIES, prepareOn } from './odd-checkout.js'

const identity = { name: 'Task Agent', email: 'task@example.org' }

afterEach(() => {
  vi.unstubAllEnvs()
})

async function userConfig(): Promise<void> {
  const file = join(await temporaryDirectory(), 'gitconfig')
  await writeFile(file, '[user]\n\tname = The User\n\temail = user@example.org\n')
  vi.stubEnv('GIT_CONFIG_GLOBAL', file)
}

/** Who made an agent's commit: author, then committer. */
async function whoCommits(options: Partial<PrepareRequest>): Promise<string[]> {
  const { workspace } = await prepareOn((directory) => createUpstream(join(directory, 'shop.git')), options)
  await agentGit(workspace, 'commit', '--quiet', '--allow-empty', '-m', 'Work')
  return (await agentGit(workspace, 'log', '-1', '--format=%an <%ae>%n%cn <%ce>')).trim().split('\n')
}

describe.each(GIT_STRATEGIES)('%s', (strategy) => {
  test("the request's identity wins over the user's settings", async () => {
    await userConfig()
    const both = 'Task Agent <task@example.org>'
    expect(await whoCommits({ strategy, identity })).toEqual([both, both])
  })

  test('and over the variables that git gave to the hook the orchestrator runs in', async () => {
    vi.stubEnv('GIT_AUTHOR_NAME', 'Whoever Committed')
    vi.stubEnv('GIT_AUTHOR_EMAIL', 'whoever@example.org')
    const both = 'Task Agent <task@example.org>'
    expect(await whoCommits({ strategy, identity })).toEqual([both, both])
  })

  test("without one the user's settings count, and without those the agent's name", async () => {
    const agent = 'back end <back-end@agent.invalid>'
    const named = { strategy, agentName: 'back end', branch: 'work' }
    expect(await whoCommits(named)).toEqual([agent, agent])
    await userConfig()
    const user = 'The User <user@example.org>'
    expect(await whoCommits(named)).toEqual([user, user])
  })
})
