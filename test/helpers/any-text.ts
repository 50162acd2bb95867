import fc, { type StringConstraints } from 'fast-check'

const SURROGATES = { first: 0xd800, count: 0x800 }

const codePoint = fc
  .integer({ min: 0, max: 0x10ffff - SURROGATES.count })
  .map((number) => String.fromCodePoint(number < SURROGATES.first ? number : number + SURROGATES.count))

/**
 * Any text that can be written as UTF-8. Like fast-check's own unit `binary`, which fills a table of 110 MB: every process
 * that a worker starts afterwards takes longer by it.
 */
export function anyText(constraints: Omit<StringConstraints, 'unit'> = {}): fc.Arbitrary<string> {
  return fc.string({ ...constraints, unit: codePoint })
}

/** Any URL of a web server, for the same reason not fast-check's own. */
export const anyWebUrl = fc
  .tuple(
    fc.constantFrom('http', 'https'),
    fc.webAuthority(),
    fc.array(anyText({ maxLength: 8 }).map(encodeURIComponent), { maxLength: 4 }),
  )
  .map(([scheme, authority, path]) => `${scheme}://${authority}/${path.join('/')}`)
