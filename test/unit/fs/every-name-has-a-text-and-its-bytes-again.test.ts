import fc from 'fast-check'
import { expect, it } from 'vitest'
import { bytesOfText, shownText, textOfBytes } from '../../../src/fs/byte-names.js'

it('whatever the bytes are, two names never have one text', () => {
  const pieces = fc.constantFrom('a', '/', 'é', '€', '😀', '\ufffd').map((text) => Buffer.from(text))
  const bytes = fc.uint8Array({ maxLength: 4 }).map((some) => Buffer.from(some))
  const names = fc.array(fc.oneof(pieces, bytes), { maxLength: 300 }).map((parts) => Buffer.concat(parts))
  fc.assert(
    fc.property(names, (name) => bytesOfText(textOfBytes(name)).equals(name)),
    { numRuns: 200 },
  )
})

it('what is UTF-8 is its text, and only that arrives where people read', () => {
  expect(textOfBytes(Buffer.from('ünïcode 😀'))).toBe('ünïcode 😀')
  const odd = textOfBytes(Buffer.from('caf\xe9/😀', 'latin1'))
  expect(shownText(odd).startsWith('caf\ufffd/')).toBe(true)
})

it('a name has the same text alone and in a list', () => {
  const name = Buffer.from([0x78, 0xc3, 0xa9, 0xa9, 0xe2, 0x82])
  const list = Buffer.concat([...Array(100).fill(Buffer.concat([name, Buffer.from('\n')]))])
  expect(textOfBytes(list).split('\n')[50]).toBe(textOfBytes(name))
})
