import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { PackWriter } from '../../../src/preservation/archive-pack-writer.js'
import { git } from '../../helpers/run-git.js'
import { temporaryDirectory } from '../../helpers/temporary.js'

/** Enough small ones that a buffer of 16 KiB for each would be 190 MiB. */
const SMALL = 12_000
/** Around the size of what is written at once, and beyond it. */
const LARGE = [(1 << 20) - 20, 1 << 20, (1 << 20) + 1, 3 << 20]

it('thousands of small objects wait for the disk as the few bytes that they are', async () => {
  const directory = await temporaryDirectory()
  await git(directory, 'init', '--quiet', '--bare', '.')
  const path = join(directory, 'test.pack')
  const writer = await PackWriter.create(path, 'sha1')
  const before = process.memoryUsage().arrayBuffers
  let most = 0
  for (let index = 0; index < SMALL; index++) {
    await writer.add(writer.pack('blob', Buffer.from(`${index}\n`)))
    if (index % 1000 === 999) most = Math.max(most, process.memoryUsage().arrayBuffers - before)
  }
  // Noise, which no compression makes smaller.
  const large = LARGE.map((size) => randomBytes(size))
  const names: string[] = []
  for (const content of large) names.push(await writer.add(writer.pack('blob', content)))
  expect(await writer.finish()).toEqual({ objects: SMALL + LARGE.length })
  await writer.close()
  expect(most).toBeLessThan(120 << 20)
  await git(directory, 'index-pack', '--strict', path)
  const objects = (await git(directory, 'verify-pack', '--verbose', path)).split('\n')
  for (const [index, name] of names.entries())
    expect(objects.some((line) => line.startsWith(`${name} blob   ${LARGE[index]} `))).toBe(true)
})
