import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { refusedRequest } from './refusal.js'

const SOURCES: readonly (readonly [string, unknown])[] = [
  ['an option', '-x'],
  ['an option of git', '--upload-pack=touch /tmp/owned'],
  ['a helper', 'ext::sh -c id'],
  ['a helper with a URL', 'fd::17'],
  ['a helper over a transport', 'https::https://example.org/shop.git'],
  ['a newline', 'https://example.org/shop.git\nx'],
  ['a NUL', '/srv/shop\0.git'],
  ['an escape', '/srv/\u001bshop.git'],
  ['a script', 'javascript://example.org/%0aalert(1)'],
  ['another protocol', 'ftp://example.org/shop.git'],
  ['a host that is an option', 'ssh://-oProxyCommand=id/shop.git'],
  ['a user that is an option', 'ssh://-oProxyCommand=id@example.org/shop.git'],
  ['a short address whose user is an option', '-oProxyCommand=id@example.org:shop.git'],
  ['no host', 'https:///shop.git'],
  ['nothing', ''],
  ['a number', 5],
  ['nothing in it', {}],
  ['both a bad path and a URL', { path: '-x', url: 'https://example.org/shop.git' }],
  ['a bad URL beside a path', { path: '/', url: 'ext::sh -c id' }],
  ['a relative path that does not exist', 'no/such/folder'],
  ['an absolute path that does not exist', '/no/such/folder'],
]

const STRATEGIES = ['clone', 'worktree'] as const

test.concurrent.each(SOURCES.flatMap((row) => STRATEGIES.map((strategy) => [...row, strategy] as const)))(
  '%s (%j) for %s',
  async (_what, source, strategy) => {
    const error = await refusedRequest({ envId: 'shop', taskId: 'task', strategy, source })
    expect(error.toJSON()).toMatchObject({ code: 'SOURCE_INVALID', data: { field: 'source' } })
  },
)

test.each(STRATEGIES)('no source at all for %s', async (strategy) => {
  const error = await refusedRequest({ envId: 'shop', taskId: 'task', strategy })
  expect(error.toJSON()).toMatchObject({ code: 'SOURCE_INVALID', data: { field: 'source', strategy } })
})

test.each(['clone', 'worktree', 'local'])('a link that leads nowhere for %s', async (strategy) => {
  const directory = await temporaryDirectory()
  await symlink(join(directory, 'gone'), join(directory, 'link'))
  const source = join(directory, 'link')
  const error = await refusedRequest({ envId: 'shop', taskId: 'task', strategy, source })
  expect(error.code).toBe('SOURCE_INVALID')
})

test('a local folder that is none', async () => {
  const source = join(await temporaryDirectory(), 'file.txt')
  await writeFile(source, 'a file\n')
  const error = await refusedRequest({ envId: 'shop', taskId: 'task', strategy: 'local', source })
  expect(error.code).toBe('SOURCE_INVALID')
})

test('a folder that is no repository, for a worktree of it', async () => {
  const source = join(await temporaryDirectory(), 'plain')
  await mkdir(source)
  const error = await refusedRequest({ envId: 'shop', taskId: 'task', strategy: 'worktree', source })
  expect(error.toJSON()).toMatchObject({ code: 'SOURCE_INVALID', data: { field: 'source' } })
})

test('a token in a bad URL is not repeated', async () => {
  const source = 'https://user:s3cr3t-t0ken@example.org/shop.git\n'
  const error = await refusedRequest({ envId: 'shop', taskId: 'task', source })
  expect(JSON.stringify([error, error.message, error.stack, String(error.cause)])).not.toContain('s3cr3t')
})
