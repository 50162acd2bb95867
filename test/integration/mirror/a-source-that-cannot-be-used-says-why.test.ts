import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { emptyRepository } from '../../helpers/odd-repositories.js'
import { namesIn } from '../verbs/presence.js'
import { CHECKOUTS, failureOf, makeStage } from '../verbs/stage.js'

describe.each(CHECKOUTS)('with the strategy %s', (strategy) => {
  test.each([
    ['a URL that nobody listens at', () => 'http://127.0.0.1:1/shop.git', 'GIT_NETWORK'],
    ['a file URL without a repository', (folder: string) => `file://${join(folder, 'none')}`, 'GIT_NETWORK'],
    ['a path without a folder', (folder: string) => join(folder, 'none'), 'SOURCE_INVALID'],
  ])('%s', async (_what, source, code) => {
    const { directory, prepare, root } = await makeStage()
    const error = await failureOf(prepare({ strategy, source: source(directory) }))
    expect(error.code).toBe(code)
    expect(await namesIn(root)).toEqual([])
  })

  test.each(['url', 'path'] as const)('an empty repository, by its %s', async (kind) => {
    const { directory, prepare, root } = await makeStage()
    const source = (await emptyRepository(directory))[kind]
    const error = await failureOf(prepare({ strategy, source }))
    expect(error).toMatchObject({ code: 'GIT_REPOSITORY_EMPTY', retryable: false })
    expect(await namesIn(root)).toEqual([])
  })

  test('a folder that is no repository', async () => {
    const { directory, prepare, root } = await makeStage()
    const error = await failureOf(prepare({ strategy, source: directory }))
    expect(['SOURCE_INVALID', 'GIT_NETWORK']).toContain(error.code)
    expect(await namesIn(root)).toEqual([])
  })

  test('a repository that was empty at first can be used once it has a commit', async () => {
    const { directory, prepare } = await makeStage()
    const upstream = await emptyRepository(directory)
    await failureOf(prepare({ strategy, source: upstream.url }))
    const commit = await upstream.commit('main', { 'first.txt': 'first\n' })
    expect((await prepare({ strategy, source: upstream.url })).base).toMatchObject({ commit })
  })
})
