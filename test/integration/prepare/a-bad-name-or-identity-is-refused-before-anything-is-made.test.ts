import { expect, test } from 'vitest'
import { type LooseRequest, refusedRequest } from './refusal.js'

const key = { envId: 'shop', taskId: 'task' }

const OUTSIDE = [
  '/etc/passwd',
  '../outside.txt',
  'a/../../outside.txt',
  'a/..',
  '..',
  '.',
  './',
  'a\0b',
  'a\nb',
  'C:\\windows.txt',
  'C:relative.txt',
  '\\\\host\\share',
  '..\\outside.txt',
  'a\\..\\..\\outside.txt',
] as const

test.concurrent.each(OUTSIDE)('a context file named %j', async (name) => {
  const error = await refusedRequest({ ...key, context: { files: { [name]: 'text' } } })
  expect(error.code).toBe('PATH_OUTSIDE_ROOT')
})

test.concurrent.each(OUTSIDE)('a task file named %j', async (name) => {
  const error = await refusedRequest({ ...key, taskFiles: { [name]: 'text' } })
  expect(error.code).toBe('PATH_OUTSIDE_ROOT')
})

const RESERVED = [
  'workdir',
  'workdir/x',
  './workdir/x',
  'WorkDir/x',
  'a/./../workdir',
  '.gitconfig',
  './/.gitconfig',
  '.GITCONFIG',
  '.git-credentials',
  '.agent_context/issue_context.md',
  '.context-journal/journal.json',
] as const

test.concurrent.each(RESERVED)('a task file with the reserved name %j', async (name) => {
  const error = await refusedRequest({ ...key, taskFiles: { [name]: 'text' } })
  expect(error.code).toBe('PATH_OUTSIDE_ROOT')
  expect(error.data['path']).toBe(name)
})

// Without its ignore file the folder would show up in the agent's `git status`.
test.each(['.gitignore', './.gitignore', '.GitIgnore'])('a context file in place of %j', async (name) => {
  const error = await refusedRequest({ ...key, context: { files: { [name]: '' } } })
  expect(error.code).toBe('PATH_OUTSIDE_ROOT')
})

const WRONG: readonly (readonly [string, LooseRequest])[] = [
  ['identity.name', { identity: { name: 'A\nB', email: 'a@example.org' } }],
  ['identity.name', { identity: { name: 'A <a@example.org>', email: 'a@example.org' } }],
  ['identity.name', { identity: { name: '', email: 'a@example.org' } }],
  ['identity.name', { identity: { email: 'a@example.org' } }],
  ['identity.email', { identity: { name: 'A', email: 'a@example.org\n[core]\n\tpager = id' } }],
  ['identity.email', { identity: { name: 'A', email: 'a@example.org>' } }],
  ['credentials.host', { credentials: { token: 'secret-token' } }],
  ['credentials.host', { credentials: { token: 'secret-token', host: 'two words' } }],
  ['credentials.host', { credentials: { token: 'secret-token', host: 'a\nb' } }],
  ['credentials.token', { credentials: { token: 'secret-token\nhost=other', host: 'example.org' } }],
  ['credentials.token', { credentials: { token: '', host: 'example.org' } }],
  ['credentials.username', { credentials: { username: 'a\0', token: 'secret-token', host: 'example.org' } }],
]

test.concurrent.each(WRONG)('%s of %j', async (field, options) => {
  const error = await refusedRequest({ ...key, ...options })
  expect(error.toJSON()).toMatchObject({ code: 'OPTIONS_INVALID', data: { field } })
  expect(JSON.stringify([error, error.message, String(error.cause)])).not.toContain('secret-token')
})

test('credentials for a local path, which has no host', async () => {
  const error = await refusedRequest({ ...key, source: '/', credentials: { token: 'secret-token' } })
  expect(error.data['field']).toBe('credentials.host')
})
