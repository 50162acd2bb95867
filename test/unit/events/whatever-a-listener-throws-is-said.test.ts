import { once } from 'node:events'
import { expect, test } from 'vitest'
import { EventBus } from '../../../src/events/event-bus.js'

const HOSTILE = {
  toString(): string {
    throw new Error('not even this')
  },
}

test.each<[string, unknown, string]>([
  ['an object without a prototype', Object.create(null), '[Object: null prototype] {}'],
  ['an object that cannot be made text', HOSTILE, 'toString'],
  ['a text', 'a text', 'a text'],
  ['nothing', undefined, 'undefined'],
  ['a symbol', Symbol('odd'), 'Symbol(odd)'],
])('%s', async (_what, thrown, said) => {
  const bus = new EventBus(() => new Date(0))
  bus.on('warning', () => {
    throw thrown
  })
  const warned = once(process, 'warning')
  bus.emit('warning', { key: { envId: 'shop' } }, { code: 'CHECKOUT_NOTICE', message: 'one' })
  expect((await warned)[0]).toMatchObject({ message: expect.stringContaining(said) })
})
