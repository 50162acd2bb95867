import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { guardPath, guardRef, guardUrl } from '../../../src/git/arguments.js'
import { anyText } from '../../helpers/any-text.js'

const code = (name: string) => expect.objectContaining({ code: name })

describe('a source', () => {
  it.each([
    'https://example.org/shop.git',
    'http://localhost:8080/r',
    'ssh://git@example.org:22/r',
    'git@example.org:team/r.git',
    'git://example.org/r',
    'file:///srv/r',
    '/srv/with blank',
    './r',
    'C:\\repos\\r',
  ])('may be %s', (url) => {
    expect(guardUrl(url)).toBe(url)
  })

  it.each([
    '',
    '--upload-pack=evil',
    '-x',
    'ext::sh -c evil',
    'fd::7',
    'transport::https://h/r',
    'ssh://-oProxyCommand=evil/r',
    'ssh://git@-oProxyCommand=evil/r',
    '-oProxyCommand=evil:r',
    'git@-oProxyCommand=evil:r',
    'https://h/r\nevil',
    'https://h/\0',
    'ftp://h/r',
    'javascript://h/r',
    'https:///r',
    `https://h/${'x'.repeat(5_000)}`,
  ])('may not be %j', (url) => {
    expect(() => guardUrl(url)).toThrow(code('SOURCE_INVALID'))
  })

  it('is shown without its password', () => {
    expect(() => guardUrl('ftp://me:canary@h/r')).toThrow(
      expect.objectContaining({ data: { source: 'ftp://***@h/r' } }),
    )
  })
})

describe('a ref', () => {
  it.each(['main', 'refs/heads/main', 'v1.0', 'HEAD', '1234abcd', 'feature/ä'])('may be %s', (ref) => {
    expect(guardRef(ref)).toBe(ref)
  })

  it.each([
    '',
    '-x',
    '--all',
    'a:b',
    '+a',
    'a..b',
    'a^{commit}',
    'a~1',
    '@',
    '@{u}',
    'a b',
    'a\n',
    ':/x',
    '*',
  ])('may not be %j', (ref) => {
    expect(() => guardRef(ref)).toThrow(code('REF_INVALID'))
  })
})

describe('a path', () => {
  it.each(['a b', '/x', 'ä"\'', 'a/-b'])('may be %s', (path) => {
    expect(guardPath(path)).toBe(path)
  })

  it.each(['', '-x', 'a\nb', 'a\0b', 'x'.repeat(5_000)])('may not be %j', (path) => {
    expect(() => guardPath(path)).toThrow(code('PATH_OUTSIDE_ROOT'))
  })
})

it('is refused or harmless, whatever it is', () => {
  fc.assert(
    fc.property(anyText(), (text) => {
      for (const guard of [guardUrl, guardRef, guardPath]) {
        try {
          const taken = guard(text)
          // git takes the upper control characters in the name of a ref, as git-check-ref-format(1) tells.
          const rest = guard === guardRef ? taken.replaceAll(/[\u0080-\u009f]/g, 'c') : taken
          expect(rest).toMatch(/^[^-\p{Cc}]\P{Cc}*$/u)
        } catch (error) {
          expect(error).toHaveProperty(
            'code',
            expect.stringMatching(/^(SOURCE_INVALID|REF_INVALID|PATH_OUTSIDE_ROOT)$/),
          )
        }
      }
    }),
  )
})
