import { spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { assertBranchName, branchNameProblem } from '../../../src/git/ref-name.js'

/** What git says about many names, with few processes: `--branch` takes one name at a time. */
function gitAccepts(name: string): boolean {
  return spawnSync('git', ['check-ref-format', '--branch', name], { cwd: '/' }).status === 0
}

const piece = fc.oneof(
  fc.constantFrom(
    'a',
    'B',
    '-',
    '.',
    '..',
    '/',
    '//',
    '@',
    '@{',
    '{',
    '}',
    '~',
    '^',
    ':',
    '?',
    '*',
    '[',
    '\\',
    ' ',
  ),
  fc.constantFrom(
    '.lock',
    'lock',
    'HEAD',
    'refs/heads/',
    '\t',
    '\n',
    '\x7f',
    '\u0085',
    'ü',
    '😀',
    '+',
    '!',
    '"',
    "'",
  ),
  fc.string({ maxLength: 3 }),
)
const name = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(''))
// A NUL cannot be put into an argument, and a lone surrogate would arrive as another character.
const sayable = name.filter((text) => !text.includes('\0') && !/\p{Cs}/u.test(text))

it('agrees with git on any name', () => {
  fc.assert(
    fc.property(sayable, (text) => {
      expect(branchNameProblem(text) === undefined, JSON.stringify(text)).toBe(gitAccepts(text))
    }),
    { numRuns: 400 },
  )
})

it.each(['main', 'agent/a/b', 'ä/ö', '@', 'x@y', 'a.b', 'HEAD/x', 'x-', '+x', 'refs/heads/x'])(
  'accepts %j',
  (text) => {
    expect(gitAccepts(text)).toBe(true)
    expect(() => assertBranchName(text)).not.toThrow()
  },
)

it.each([
  '',
  '-x',
  'HEAD',
  'a..b',
  '.a',
  'a/.b',
  'a.',
  'a/',
  '/a',
  'a//b',
  'a.lock',
  'a.lock/b',
  'a b',
  'a@{b',
  '@{-1}',
  'a\x7f',
])('refuses %j', (text) => {
  expect(gitAccepts(text)).toBe(false)
  expect(() => assertBranchName(text)).toThrow(expect.objectContaining({ code: 'REF_INVALID' }))
})

it.each(['x'.repeat(251), `${'x/'.repeat(600)}x`, '\ud800', 'a\0b'])(
  'also refuses what no file name can hold',
  (text) => {
    expect(() => assertBranchName(text)).toThrow(expect.objectContaining({ code: 'REF_INVALID' }))
  },
)
