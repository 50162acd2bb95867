import { rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import {
  lookAtRacy,
  type OwnIndex,
  readOwnIndex,
  vouchAgain,
  vouchFor,
  writeSettled,
} from '../../../src/git/settled-index.js'
import { git } from '../../helpers/run-git.js'
import { temporaryDirectory } from '../../helpers/temporary.js'

interface Checkout {
  readonly folder: string
  readonly index: string
  /** When the file was changed last, in milliseconds. */
  readonly changedAt: number
}

async function checkout(objectFormat: 'sha1' | 'sha256' = 'sha1'): Promise<Checkout> {
  const folder = await temporaryDirectory()
  await git(folder, 'init', '--quiet', `--object-format=${objectFormat}`)
  await writeFile(join(folder, 'file'), 'one\n')
  await git(folder, 'add', 'file')
  return { folder, index: join(folder, '.git/index'), changedAt: (await stat(join(folder, 'file'))).ctimeMs }
}

/** The index as if git had written it at another time; milliseconds have to be enough for that. */
async function writtenAt(
  index: string,
  ms: number,
  objectFormat: 'sha1' | 'sha256' = 'sha1',
): Promise<OwnIndex> {
  await utimes(index, ms / 1000, ms / 1000)
  const own = await readOwnIndex(index, objectFormat)
  if (own === undefined) throw new Error('the index cannot be read')
  return own
}

/** As where files and index were written in one second, whichever that was. */
function inItsSecond(own: OwnIndex): OwnIndex {
  const mtimeSeconds = Math.floor(own.written.atMs / 1000)
  return {
    ...own,
    entries: own.entries.map((entry) => ({ ...entry, stats: { ...entry.stats, mtimeSeconds } })),
  }
}

/** A file written at another time. */
async function witnessAt(folder: string, ms: number): Promise<string> {
  const witness = join(folder, 'witness')
  await writeFile(witness, '')
  await utimes(witness, ms / 1000, ms / 1000)
  return witness
}

async function doubtfulIn(own: OwnIndex, folder: string): Promise<(string | undefined)[]> {
  return (await lookAtRacy(own, folder)).doubtful.map(({ path }) => path)
}

test('a file that is older is not', async () => {
  const { folder, index, changedAt } = await checkout()
  expect(await doubtfulIn(await writtenAt(index, changedAt + 5), folder)).toEqual([])
})

test('a file that is not older is', async () => {
  const { folder, index, changedAt } = await checkout()
  const own = await writtenAt(index, Math.floor(changedAt))
  expect(await doubtfulIn(own, folder)).toEqual(['file'])
})

test('where nobody but git has had it until a later moment, it is not', async () => {
  const { folder, index, changedAt } = await checkout()
  const own = await writtenAt(index, Math.floor(changedAt))
  // The file system's clock goes on by ticks.
  const vouched = await vi.waitFor(async () => {
    await vouchFor(index)
    const again = await readOwnIndex(index, 'sha1')
    if (again === undefined || again.written.atMs <= changedAt) throw new Error('it is the same moment')
    return again
  })
  expect(vouched.content).toEqual(own.content)
  expect(await doubtfulIn(vouched, folder)).toEqual([])
  await writeFile(join(folder, 'file'), 'two\n')
  const then = (await stat(join(folder, 'file'))).ctimeMs
  const [found] = await doubtfulIn(vouched, folder)
  // In another second git finds it by itself.
  expect(found !== undefined || Math.floor(then / 1000) > Math.floor(changedAt / 1000)).toBe(true)
  await vouchFor(join(folder, 'no-index'))
})

describe('what a look found as it was written', () => {
  test('is not looked at so closely by the next one', async () => {
    const { folder, index, changedAt } = await checkout()
    const own = inItsSecond(await writtenAt(index, changedAt + 5))
    expect((await lookAtRacy(own, folder)).areAllAsWritten).toBe(true)
    await vouchAgain(own, await witnessAt(folder, changedAt + 2500.7))
    const again = await readOwnIndex(index, 'sha1')
    expect(again?.content).toEqual(own.content)
    expect(again?.written.atMs).toBeCloseTo(Math.floor(changedAt + 2500.7), 1)
    expect(again && (await lookAtRacy(again, folder))).toEqual({ doubtful: [], areAllAsWritten: false })
  })

  test('is not where a part of it was not there to be seen, or was changed', async () => {
    const { folder, index, changedAt } = await checkout()
    const own = inItsSecond(await writtenAt(index, changedAt + 5))
    await rename(join(folder, 'file'), join(folder, 'away'))
    expect((await lookAtRacy(own, folder)).areAllAsWritten).toBe(false)
    await writeFile(join(folder, 'file'), 'two\n')
    expect((await lookAtRacy(own, folder)).areAllAsWritten).toBe(false)
  })

  test('does not make an index older, or one anew that is gone', async () => {
    const { folder, index, changedAt } = await checkout()
    const own = await writtenAt(index, changedAt + 5)
    await vouchAgain(own, await witnessAt(folder, changedAt - 1000))
    expect((await stat(index)).mtimeMs).toBeCloseTo(own.written.atMs, 1)
    await rm(index)
    await vouchAgain(own, await witnessAt(folder, changedAt + 2500))
    expect(await readOwnIndex(index, 'sha1')).toBeUndefined()
  })
})

test('a file that was changed again in its second is', async () => {
  const { folder, index, changedAt } = await checkout()
  const own = await writtenAt(index, changedAt + 5)
  const [entry] = own.entries
  if (entry === undefined) throw new Error('the index is empty')
  // What a change within the second leaves: the index has another nanosecond than the file.
  const stats = { ...entry.stats, ctimeNanoseconds: (entry.stats.ctimeNanoseconds + 1_000_000) % 1e9 }
  const racy = { ...stats, mtimeSeconds: Math.ceil(own.written.atMs / 1000) }
  const changed: OwnIndex = { ...own, entries: [{ ...entry, stats: racy }] }
  expect(await doubtfulIn(changed, folder)).toEqual(['file'])
})

test.each(['sha1', 'sha256'] as const)(
  'git then reads it, and takes the %s index for whole',
  async (format) => {
    const { folder, index, changedAt } = await checkout(format)
    const own = await writtenAt(index, Math.floor(changedAt), format)
    const settled = join(folder, '.git/settled')
    await writeSettled(own, settled, (await lookAtRacy(own, folder)).doubtful)
    const again = await readOwnIndex(settled, format)
    expect(again?.entries.map(({ stats }) => stats.mtimeSeconds)).toEqual([0])
    expect((await stat(settled)).mtimeMs).toBe((Math.floor(changedAt / 1000) + 1) * 1000)
    // `fsck` checks what other commands pass over: the sum at the end.
    await writeFile(index, again?.content ?? '')
    expect(await git(folder, 'fsck', '--no-dangling')).toBe('')
    expect(await git(folder, 'diff-files')).not.toBe('')
    expect(await git(folder, 'status', '--porcelain')).toBe('A  file')
  },
)

test('an index of a format that was not asked for is none', async () => {
  const { folder, index } = await checkout()
  await git(folder, 'update-index', '--index-version', '4')
  expect(await readOwnIndex(index, 'sha1')).toBeUndefined()
})
