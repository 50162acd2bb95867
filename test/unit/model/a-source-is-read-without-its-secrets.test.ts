import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import fc from 'fast-check'
import { isWorkspaceError } from 'git-task-isolation'
import { describe, expect, test } from 'vitest'
import { localPath } from '../../../src/git/trusted-directories.js'
import { parseSource, sourceIdentity } from '../../../src/model/source.js'
import { anyText, anyWebUrl } from '../../helpers/any-text.js'

test.each([
  ['https://example.org/shop.git', 'https'],
  ['http://example.org:8080/shop.git', 'http'],
  ['HTTPS://example.org/shop.git', 'https'],
  ['ssh://git@example.org:2222/shop.git', 'ssh'],
  ['git://example.org/shop.git', 'git'],
  ['file:///srv/shop.git', 'file'],
  ['git@example.org:team/shop.git', 'ssh'],
  ['example.org:team/shop.git', 'ssh'],
  ['git@[::1]:shop.git', 'ssh'],
  ['example.org:/srv/a@b/shop.git', 'ssh'],
  ['example.org:shop@v1', 'ssh'],
])('%s is a URL for %s', (url, protocol) => {
  expect(parseSource(url)).toMatchObject({ kind: 'url', url, protocol })
  expect(parseSource({ url })).toEqual(parseSource(url))
})

test.each([
  ['/srv/shop', resolve('/srv/shop')],
  ['/srv/./x/../shop/', resolve('/srv/shop')],
  ['shop', resolve('shop')],
  ['./a b/shop', resolve('a b/shop')],
  ['./user:word@shop/1', resolve('user:word@shop/1')],
  ['~/shop', join(homedir(), 'shop')],
  ['~', homedir()],
])('%s is a local path', (input, path) => {
  expect(parseSource(input)).toEqual({ kind: 'path', path })
  expect(parseSource({ path: input })).toEqual({ kind: 'path', path })
})

test('a path may carry the URL that origin is to name', () => {
  const source = parseSource({ path: '/srv/shop', url: 'https://user:token@example.org/shop.git' })
  expect(source).toEqual({
    kind: 'path',
    path: resolve('/srv/shop'),
    originUrl: 'https://example.org/shop.git',
    credentials: { username: 'user', token: 'token', host: 'example.org' },
  })
})

test.each(['https://example.org/shop.git?private_token=s3cret', 'https://example.org/shop.git#s3cret'])(
  'a query or fragment is refused, and not repeated: %s',
  (url) => {
    const refused = () => parseSource(url)
    expect(refused).toThrow(/credentials apart/)
    expect(refused).not.toThrow(/s3cret/)
  },
)

describe('a secret', () => {
  test.each([
    ['https://ann:t%40ken@example.org/shop.git', { username: 'ann', token: 't@ken', host: 'example.org' }],
    ['https://t0ken@example.org:8443/shop.git', { token: 't0ken', host: 'example.org:8443' }],
    ['https://:t0ken@example.org/shop.git', { username: '', token: 't0ken', host: 'example.org' }],
  ])('of %s is taken out', (url, credentials) => {
    const source = parseSource(url)
    expect(source).toMatchObject({ kind: 'url', credentials })
    expect(sourceIdentity(source)).not.toMatch(/t0ken|t%40ken|t@ken|ann/)
  })

  test('the user of an ssh URL is none', () => {
    const url = 'ssh://git@example.org/shop.git'
    expect(parseSource(url)).toEqual({ kind: 'url', url, protocol: 'ssh' })
  })

  test('is in no error', () => {
    for (const url of [
      'https://ann:t0ken@',
      'https://ann:t0ken%ZZ@example.org/',
      'ftp://ann:t0ken@example.org/',
    ])
      expect(codeAndText(url)).toMatch(/^SOURCE_INVALID(?!.*t0ken)/s)
  })
})

test('any text is read, or refused by its code', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), anyWebUrl, anyText()), (text) => {
      expect(codeAndText(text)).toMatch(/^(?:ok|SOURCE_INVALID)/)
    }),
    { numRuns: 2_000 },
  )
})

test('the path of a file is one that can be decoded, or is refused', () => {
  const odd = [
    'file:///tmp/a%zz',
    'file:///tmp/%E0%A4%A',
    'file://host/x%',
    'file:///tmp/%ff',
    'file:///tmp/a%00b',
  ]
  for (const url of odd) expect(codeAndText(url)).toMatch(/^SOURCE_INVALID/)
  expect(codeAndText('file:///tmp/a%20%C3%A4%25')).toBe('ok')
  const parts = fc.string({ unit: fc.constantFrom('%', '0', 'a', 'f', 'C3', '%A4', '/') })
  fc.assert(
    fc.property(parts, (path) => {
      const url = `file:///${path}`
      if (codeAndText(url) === 'ok') expect(localPath(url)).not.toContain('\0')
    }),
    { numRuns: 500 },
  )
})

test('what was read can be read again', () => {
  fc.assert(
    fc.property(anyWebUrl, (url) => {
      const identity = sourceIdentity(parseSource(url))
      expect(sourceIdentity(parseSource(identity))).toBe(identity)
    }),
  )
})

function codeAndText(input: string): string {
  try {
    parseSource(input)
    return 'ok'
  } catch (error) {
    if (!isWorkspaceError(error)) throw error
    return `${error.code} ${JSON.stringify([error, error.message, String(error.cause)])}`
  }
}
