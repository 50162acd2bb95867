import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { isPresent } from '../../../src/fs/presence.js'
import { removeOnce } from '../../../src/fs/remove-once.js'
import { temporaryDirectory } from '../../helpers/temporary.js'

const path = process.env['PATH']
afterEach(() => {
  process.env['PATH'] = path
})

test('of many at once one removes it, and says how much it was', async () => {
  const directory = await temporaryDirectory()
  const tree = join(directory, 'tree')
  await mkdir(tree)
  await writeFile(join(tree, 'file'), Buffer.alloc(100_000, 1))
  const answers = await Promise.all(Array.from({ length: 10 }, () => removeOnce(tree)))
  const done = answers.filter((bytes) => bytes !== undefined)
  expect(done).toHaveLength(1)
  expect(done[0]).toBeGreaterThanOrEqual(100_000)
  expect(await readdir(directory)).toEqual([])
})

test('a link goes, and what it points to stays', async () => {
  const directory = await temporaryDirectory()
  await mkdir(join(directory, 'outside'))
  await symlink(join(directory, 'outside'), join(directory, 'link'))
  await removeOnce(join(directory, 'link'))
  expect(await readdir(directory)).toEqual(['outside'])
})

test('what cannot be deleted gets its name back', async () => {
  const directory = await temporaryDirectory()
  const tree = join(directory, 'tree')
  await mkdir(tree)
  await writeFile(join(directory, 'rm'), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
  process.env['PATH'] = `${directory}:${path}`
  await expect(removeOnce(tree)).rejects.toMatchObject({ code: 'ROLLBACK_INCOMPLETE' })
  expect((await readdir(directory)).sort()).toEqual(['rm', 'tree'])
  await rm(join(directory, 'rm'))
  expect(await removeOnce(tree)).toBeGreaterThanOrEqual(0)
  expect(await isPresent(tree)).toBe(false)
})
