import { describe, expect, test } from 'vitest'
import { messageOf } from '../../../src/errors/message-of.js'

describe.each<[string, unknown, string | RegExp]>([
  ['an error', new Error('the disk is full'), 'the disk is full'],
  ['an error without a message', new Error(''), ''],
  ['text', 'no such thing', 'no such thing'],
  ['nothing', undefined, 'undefined'],
  ['a symbol', Symbol('why'), 'Symbol(why)'],
  ['an object without a prototype', Object.create(null), /Object: null prototype/],
  [
    'an object whose toString throws',
    {
      toString() {
        throw new Error('no')
      },
    },
    /toString/,
  ],
  ['an error whose message is no text', Object.assign(new Error('x'), { message: 42 }), /42/],
])('%s', (_what, thrown, said) => {
  test('says what it is', () => {
    expect(messageOf(thrown)).toEqual(typeof said === 'string' ? said : expect.stringMatching(said))
  })
})
