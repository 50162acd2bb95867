import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { PackWriter } from '../../../src/preservation/archive-pack-writer.js'
import { temporaryDirectory } from '../../helpers/temporary.js'

const PIECE = randomBytes(64 * 1024)
const PIECES = 40

async function* pieces() {
  for (let count = 0; count < PIECES; count += 1) yield PIECE
}

it('however often its compression is waited for', async () => {
  const warnings: Error[] = []
  const note = (warning: Error) => warnings.push(warning)
  process.on('warning', note)
  onTestFinished(() => {
    process.off('warning', note)
  })
  const writer = await PackWriter.create(join(await temporaryDirectory(), 'pack'), 'sha1')
  const size = PIECE.length * PIECES
  const hash = createHash('sha1').update(`blob ${size}\0`)
  for await (const piece of pieces()) hash.update(piece)
  await writer.addStream(hash.digest('hex'), size, pieces())
  expect(await writer.finish()).toEqual({ objects: 1 })
  await writer.close()
  await nextTurn()
  expect(warnings).toEqual([])
})

it('a disk that takes no more is told once', async () => {
  const writer = await PackWriter.create(join(await temporaryDirectory(), 'pack'), 'sha1')
  await writer.close()
  await expect(writer.addStream('a'.repeat(40), PIECE.length * PIECES, pieces())).rejects.toThrow()
  await nextTurn()
})
