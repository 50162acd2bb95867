import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { feedGit, git as plainGit, tryGit } from '../../helpers/run-git.js'
import { mirrorWithOneTask } from './mirror-with-one-task.js'

type Place = Awaited<ReturnType<typeof mirrorWithOneTask>>

async function cutAt(place: Place, ...oids: string[]) {
  await writeFile(join(place.mirrorDir, 'shallow'), oids.map((oid) => `${oid}\n`).join(''))
}
async function historyOf(place: Place, depth: number): Promise<string[]> {
  const source = join(place.directory, 'source')
  await plainGit(place.directory, 'init', '-q', source)
  for (const subject of ['one', 'two', 'three'])
    await plainGit(source, 'commit', '-q', '--allow-empty', '-m', subject)
  await plainGit(place.mirrorDir, 'fetch', '-q', `--depth=${depth}`, `file://${source}`, 'HEAD:refs/heads/x')
  return (await plainGit(source, 'rev-list', 'HEAD')).split('\n')
}
const seen = async ({ mirrorDir }: Place) =>
  Number(await plainGit(mirrorDir, 'rev-list', '--count', 'refs/heads/x'))

test('what an agent forged is named, and goes', async () => {
  const place = await mirrorWithOneTask()
  const [tip = ''] = await historyOf(place, 10)
  await cutAt(place, tip)
  // The control: for plain git history ends there.
  expect(await seen(place)).toBe(1)
  expect(await place.look()).toMatchObject([{ path: join(place.mirrorDir, 'shallow') }])
  expect(await seen(place)).toBe(3)
  expect(await place.look()).toEqual([])
})

test('what a fetch left is kept, remembered, and told from what was forged into it', async () => {
  const place = await mirrorWithOneTask()
  const [tip = '', cut = ''] = await historyOf(place, 2)
  expect(await place.look()).toEqual([])
  const { processCount } = place.git
  expect(await place.look()).toEqual([])
  expect(place.git.processCount).toBe(processCount)
  await cutAt(place, cut, tip, 'no commit')
  expect(await place.look()).toHaveLength(1)
  expect(await seen(place)).toBe(2)
  const isKept = async () => (await readFile(join(place.mirrorDir, 'shallow'), 'utf8')) === `${cut}\n`
  expect(await isKept()).toBe(true)
  await rm(join(place.mirrorDir, 'shallow'))
  expect(await place.look()).toHaveLength(1)
  expect(await isKept()).toBe(true)
})

test('it stays where git could not go on without it', async () => {
  const place = await mirrorWithOneTask()
  const [tip = '', second = ''] = await historyOf(place, 1)
  const commit = await plainGit(join(place.directory, 'source'), 'cat-file', 'commit', second)
  await feedGit(place.mirrorDir, `${commit}\n`, 'hash-object', '-w', '-t', 'commit', '--stdin')
  expect((await tryGit(place.mirrorDir, '--shallow-file', '', 'rev-list', tip)).code).toBe(128)
  expect(await place.look()).toEqual([])
  expect(await seen(place)).toBe(1)
})
