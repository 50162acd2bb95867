import fc from 'fast-check'
import { anyText } from '../../helpers/any-text.js'

const parts = [
  'a',
  'B',
  '1',
  '.',
  '..',
  '-',
  '_',
  '/',
  '\\',
  ' ',
  '\n',
  '\0',
  '@',
  '.lock',
  'con',
  '%',
  '~',
  'ä',
]

/** Text that is often just usable as an id and often just not. */
export const anyId = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,12}$/),
  fc.array(fc.constantFrom(...parts), { maxLength: 6 }).map((chosen) => chosen.join('')),
  anyText({ maxLength: 130 }),
  fc.constantFrom('', '.', '..', 'CON', 'x'.repeat(100), 'x'.repeat(101), '__proto__', 'constructor'),
)
