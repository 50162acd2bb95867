import { chmod, link, lutimes, mkdir, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { findNewerEntry } from '../../../src/fs/newer-entry.js'
import { temporaryDirectory } from '../../helpers/temporary.js'

const LIMIT = new Date('2024-06-08T12:00:00.500Z')
const OLD = new Date('2024-06-01T00:00:00.000Z')
const NEW = new Date('2024-06-08T12:00:01.000Z')

const path = process.env['PATH']
afterEach(() => {
  process.env['PATH'] = path
})

let tree: string
beforeEach(async () => {
  tree = join(await temporaryDirectory(), 'tree with [odd] *')
  await mkdir(join(tree, 'deep', '.git', 'objects', 'pack'), { recursive: true })
  for (const name of ['a', 'deep/b', 'deep/.git/HEAD', 'deep/.git/objects/pack/p'])
    await writeFile(join(tree, name), name)
  await age()
})

/** Everything is old, the folders last. */
async function age(): Promise<void> {
  const names = ['a', 'deep/b', 'deep/.git/HEAD', 'deep/.git/objects/pack/p', 'deep/.git/objects/pack']
  for (const name of [...names, 'deep/.git/objects', 'deep/.git', 'deep', '.'])
    await utimes(join(tree, name), OLD, OLD)
}

describe.each([
  ['find(1)', path],
  ['Node', ''],
])('with %s', (_how, programs) => {
  const newer = (since = LIMIT) => {
    process.env['PATH'] = programs
    return findNewerEntry([tree], since)
  }

  test('where everything is old nothing is found', async () => {
    expect(await newer()).toBeUndefined()
  })

  test.each(['a', 'deep/b', 'deep/.git/HEAD', 'deep', '.'])('%s, changed since', async (name) => {
    await utimes(join(tree, name), OLD, NEW)
    expect(await newer()).toBe(join(tree, name))
  })

  test('the limit counts to the millisecond, and itself as old', async () => {
    await utimes(join(tree, 'a'), OLD, LIMIT)
    expect(await newer()).toBeUndefined()
    expect(await newer(new Date(LIMIT.getTime() - 1))).toBe(join(tree, 'a'))
  })

  test('what was made, renamed or removed tells by its folder', async () => {
    await rm(join(tree, 'deep', 'b'))
    expect(await newer()).toBe(join(tree, 'deep'))
  })

  test('a link counts, what it points to does not', async () => {
    await writeFile(join(tree, '..', 'outside'), 'new')
    await symlink(join(tree, '..', 'outside'), join(tree, 'link'))
    await lutimes(join(tree, 'link'), OLD, OLD)
    await utimes(tree, OLD, OLD)
    expect(await newer()).toBeUndefined()
    await lutimes(join(tree, 'link'), NEW, NEW)
    expect(await newer()).toBe(join(tree, 'link'))
  })

  test('of objects that are shared with the mirror nothing counts', async () => {
    const pack = join(tree, 'deep', '.git', 'objects', 'pack', 'p')
    await utimes(pack, NEW, NEW)
    expect(await newer()).toBe(pack)
    await link(pack, join(tree, '..', "the mirror's"))
    expect(await newer()).toBeUndefined()
  })

  test('several trees are looked through, and what is absent is passed over', async () => {
    process.env['PATH'] = programs
    expect(await findNewerEntry([join(tree, 'nowhere'), tree], LIMIT)).toBeUndefined()
    await utimes(join(tree, 'a'), NEW, NEW)
    expect(await findNewerEntry([join(tree, 'nowhere'), join(tree, 'deep'), tree], LIMIT)).toBe(
      join(tree, 'a'),
    )
  })

  test('it ends when its caller no longer wants to know', async () => {
    process.env['PATH'] = programs
    const call = findNewerEntry([tree], LIMIT, AbortSignal.abort())
    await expect(call).rejects.toMatchObject({ code: 'ABORTED' })
  })
})

test.runIf(process.getuid?.() !== 0)('what cannot be read is said', async () => {
  await chmod(join(tree, 'deep'), 0o000)
  await utimes(tree, OLD, OLD)
  await expect(findNewerEntry([tree], LIMIT)).rejects.toMatchObject({ code: 'EACCES' })
})
