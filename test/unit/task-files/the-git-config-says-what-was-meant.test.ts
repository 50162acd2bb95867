import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type GitConfigRequest,
  renderCredentials,
  renderGitConfig,
  userConfigFiles,
} from '../../../src/task-files/git-config-file.js'
import { anyText } from '../../helpers/any-text.js'
import { git } from '../../helpers/run-git.js'
import { temporaryDirectory } from '../../helpers/temporary.js'

/** Lets git read a rendered file; answers with all values of a key, least important first. */
async function asGitReads(request: Partial<GitConfigRequest>) {
  const directory = await temporaryDirectory()
  const file = join(directory, 'config')
  await writeFile(file, renderGitConfig({ workDir: '/w', userConfigFiles: [], ...request }))
  return async (key: string) => {
    const output = await git(directory, 'config', '--file', file, '--includes', '-z', '--get-all', key)
    return output.split('\0').slice(0, -1)
  }
}

test('any name and any folder arrive in git as they were given', async () => {
  const line = anyText({ minLength: 1, maxLength: 30 }).filter((s) => !/[\p{Cc}\p{Cs}]/u.test(s))
  await fc.assert(
    fc.asyncProperty(line, line, async (name, folder) => {
      const identity = { name, email: `${name}@example.org` }
      const values = await asGitReads({ identity, workDir: `/w/${folder}` })
      expect((await values('user.name')).at(-1)).toBe(name)
      expect((await values('user.email')).at(-1)).toBe(identity.email)
      expect(await values('safe.directory')).toEqual([`/w/${folder}`])
    }),
    { numRuns: 25 },
  )
})

test("the user's files stand between the fallbacks and the task's own", async () => {
  const users = join(await temporaryDirectory(), 'users "own" config')
  await writeFile(users, '[user]\n\tname = User\n\temail = user@example.org\n[push]\n\tdefault = simple\n')
  const fallback = await asGitReads({ userConfigFiles: [users], agentName: 'Agent' })
  expect(await fallback('user.name')).toEqual(['Agent', 'User'])
  expect(await fallback('push.default')).toEqual(['current', 'simple'])
  const given = await asGitReads({
    userConfigFiles: [users, '/there/is/none'],
    identity: { name: 'Given', email: 'given@example.org' },
  })
  expect(await given('user.name')).toEqual(['git-task agent', 'User', 'Given'])
})

test('the repository of a worktree is trusted beside the worktree, and nothing else', async () => {
  const values = await asGitReads({ workDir: '/w', repositoryDir: '/r' })
  expect(await values('safe.directory')).toEqual(['/w', '/r'])
})

test("a token's file is asked for one origin only, after the user's helpers are dropped", async () => {
  const credentials = { file: "/it's/here", origin: 'https://git.example.org:8443' }
  const values = await asGitReads({ credentials })
  expect(await values('credential.https://git.example.org:8443.helper')).toEqual([
    '',
    "store --file='/it'\\''s/here'",
  ])
})

test('credentials are one line that git and URL read alike', async () => {
  const login = { username: 'a b@c', token: 'p/ä:s%s+?#=' }
  const line = renderCredentials(login, new URL('https://git.example.org:8443/shop.git'))
  expect(line).toMatch(/^https:\/\/[^\n/]+\n$/)
  const url = new URL(line.trim())
  expect(url.host).toBe('git.example.org:8443')
  expect(decodeURIComponent(url.username)).toBe(login.username)
  expect(decodeURIComponent(url.password)).toBe(login.token)
  expect(renderCredentials({ token: 't' }, new URL('https://h'))).toBe('https://x-access-token:t@h\n')
})

test('the user has the files that git would read', () => {
  const filesWith = (env: object) => userConfigFiles({ HOME: '/h', ...env }, '/root/managed-repos')
  const usual = ['/h/.config/git/config', '/h/.gitconfig']
  expect(filesWith({})).toEqual(usual)
  // The shell of any task of ours; not of what only begins like it.
  expect(filesWith({ GIT_CONFIG_GLOBAL: '/root/managed-repos/shop/tasks/t/.gitconfig' })).toEqual(usual)
  expect(filesWith({ GIT_CONFIG_GLOBAL: '/root/managed-repos-2/g' })).toEqual(['/root/managed-repos-2/g'])
  expect(filesWith({ XDG_CONFIG_HOME: '/x' })).toEqual(['/x/git/config', '/h/.gitconfig'])
  expect(filesWith({ XDG_CONFIG_HOME: '' })).toEqual(usual)
  expect(filesWith({ GIT_CONFIG_GLOBAL: '/g' })).toEqual(['/g'])
  expect(filesWith({ GIT_CONFIG_GLOBAL: '' })).toEqual([])
  expect(filesWith({ GIT_CONFIG_GLOBAL: '/dev/null' })).toEqual([])
})
