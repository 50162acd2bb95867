import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { redact, stripCredentials } from '../../../src/git/redaction.js'

describe('redact', () => {
  it.each([
    ["fatal: https://me:pw@h/r' and ssh://git@h/x", "fatal: https://***@h/r' and ssh://***@h/x"],
    ['https://ghp_token@h/r', 'https://***@h/r'],
    ['https://u:p@ss#w?rd@h/r', 'https://***@h/r'],
    ['https://u:pa/ss@h/r', 'https://***@h/r'],
    ['https://h:8080/a@v1', 'https://h:8080/a@v1'],
    ['https://h/r and a@b', 'https://h/r and a@b'],
    ['git@h:r', 'git@h:r'],
  ])('%s → %s', (text, expected) => {
    expect(redact(text, [])).toBe(expected)
  })

  it('leaves no given secret readable, plain or encoded', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 6, unit: 'grapheme-ascii' }), fc.string(), (secret, rest) => {
        const json = JSON.stringify(secret).slice(1, -1)
        const base64 = Buffer.from(secret).toString('base64')
        const forms = [secret, encodeURIComponent(secret), base64, json, json.replaceAll('/', '\\/')]
        const text = redact(forms.join(` ${rest} `), [secret])
        for (const form of forms) expect(text).not.toContain(form)
      }),
    )
  })

  // What a remote may say. A pattern that tries again at each character would be at work for many minutes.
  it.each(['a', ':', 'a://', 'a://x:'])('is soon through with a long text of %s', (part) => {
    expect(redact(`a://${part.repeat(200_000)} https://u:p@h`, [])).toContain('https://***@h')
    expect(stripCredentials(`a://${part.repeat(200_000)}`)).not.toHaveProperty('username')
  })

  it('masks the longer one of two nested secrets whole', () => {
    expect(redact('abcdef', ['abc', 'abcdef'])).toBe('***')
  })

  it('does nothing for an empty secret', () => {
    expect(redact('text', [''])).toBe('text')
  })
})

describe('stripCredentials', () => {
  it.each([
    ['https://me:p%40w@h/r', { url: 'https://h/r', username: 'me', password: 'p@w' }],
    ['https://token@h:8443/r', { url: 'https://h:8443/r', username: 'token' }],
    ['https://u:p@ss@h/r', { url: 'https://h/r', username: 'u', password: 'p@ss' }],
    ['https://u:100%@h/r', { url: 'https://h/r', username: 'u', password: '100%' }],
    ['ssh://git@h/r', { url: 'ssh://git@h/r', username: 'git' }],
    ['ssh://git:pw@h/r', { url: 'ssh://git@h/r', username: 'git', password: 'pw' }],
    ['https://h/a@b', { url: 'https://h/a@b' }],
    ['git@h:r', { url: 'git@h:r' }],
    ['/srv/a@b', { url: '/srv/a@b' }],
  ])('%s', (url, expected) => {
    expect(stripCredentials(url)).toEqual(expected)
  })
})
