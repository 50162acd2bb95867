import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { textOfBytes } from '../../../src/fs/byte-names.js'
import { plainLines } from '../../../src/git/plain-lines.js'
import { temporaryDirectory } from '../../helpers/temporary.js'

async function piecesOf(path: string, maxBytes: number): Promise<(readonly string[])[]> {
  const pieces: (readonly string[])[] = []
  for await (const lines of plainLines(path, maxBytes)) pieces.push(lines)
  return pieces
}

const LINE = Buffer.from('r\u00e9f \u{1f600} \xff\n', 'latin1')
const CONTENTS: Readonly<Record<string, Buffer>> = {
  'an empty one': Buffer.alloc(0),
  'one without a line end': Buffer.from('a'),
  'short lines with bytes that are no text': Buffer.alloc(3_000_000, LINE),
  'characters of several bytes': Buffer.alloc(3_000_000, 'é\u{1f600}\n'),
  'one line over several pieces': Buffer.concat([Buffer.alloc(2_500_000, 'x'), Buffer.from('\nend\n')]),
}

test.each(Object.entries(CONTENTS))('%s has the lines that it has as a whole', async (_what, content) => {
  const path = join(await temporaryDirectory(), 'file')
  await writeFile(path, content)
  const pieces = await piecesOf(path, content.length)
  expect(pieces.flat().join('\n') === textOfBytes(content)).toBe(true)
  expect(Math.max(...pieces.map((lines) => lines.join('\n').length))).toBeLessThan(2_600_000)
})

test('one that is larger than allowed is refused unread, and one that is not there has no lines', async () => {
  const path = join(await temporaryDirectory(), 'file')
  await writeFile(path, 'four')
  await expect(piecesOf(path, 3)).rejects.toMatchObject({ code: 'TAMPERED', data: { path } })
  expect(await piecesOf(join(path, 'gone'), 3)).toEqual([])
})
