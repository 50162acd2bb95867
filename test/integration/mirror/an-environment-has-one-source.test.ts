import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { snapshotTree } from '../../helpers/tree-snapshot.js'
import { createUpstream } from '../../helpers/upstream.js'
import { CHECKOUTS, failureOf, makeStage } from '../verbs/stage.js'

describe.each(CHECKOUTS)('with the strategy %s', (strategy) => {
  test('another one is refused, and nothing changes', async () => {
    const { directory, layout, prepare, upstream } = await makeStage()
    await prepare({ strategy })
    const other = await createUpstream(join(directory, 'other.git'))
    const before = await snapshotTree(layout.directory)
    const error = await failureOf(prepare({ strategy, source: other.url, taskId: 'task-2' }))
    expect(error).toMatchObject({
      code: 'SOURCE_INVALID',
      data: { existing: upstream.url, requested: other.url },
    })
    expect(await snapshotTree(layout.directory)).toEqual(before)
  })

  test('it stays bound when its last workspace is gone', async () => {
    const { directory, manager, prepare } = await makeStage()
    const { key } = await prepare({ strategy })
    await manager.cleanup(key)
    const other = await createUpstream(join(directory, 'other.git'))
    expect((await failureOf(prepare({ strategy, source: other.url }))).code).toBe('SOURCE_INVALID')
  })

  test.each([
    ['that is no repository', (folder: string) => `file://${join(folder, 'none')}`],
    ['that nobody listens at', () => 'http://127.0.0.1:1/shop.git'],
  ])('a first one %s does not bind it', async (_what, wrong) => {
    const { directory, prepare } = await makeStage()
    await failureOf(prepare({ strategy, source: wrong(directory) }))
    expect((await prepare({ strategy })).reused).toBe(false)
  })

  test('a wrong first one that falls back to a plain directory does not bind it either', async () => {
    const { directory, prepare } = await makeStage()
    const source = `file://${join(directory, 'none')}`
    await prepare({ strategy, source, taskId: 'task-0', onGitFailure: 'directory' })
    expect((await prepare({ strategy })).strategy).toBe(strategy)
  })
})

test('of two that ask a cold environment at once, one is refused', async () => {
  const { directory, prepare, upstream } = await makeStage()
  const other = await createUpstream(join(directory, 'other.git'), { files: { 'other.txt': 'other\n' } })
  const sources = [upstream, other, upstream, other]
  const outcomes = await Promise.allSettled(
    sources.map(({ url }, index) => prepare({ source: url, taskId: `task-${index}` })),
  )
  const commits = new Set<string | undefined>()
  for (const outcome of outcomes) {
    if (outcome.status === 'fulfilled') commits.add(outcome.value.base?.commit)
    else expect(outcome.reason).toMatchObject({ code: 'SOURCE_INVALID' })
  }
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
  expect(commits.size).toBe(1)
})
