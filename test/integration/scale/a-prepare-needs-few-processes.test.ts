import type { PrepareRequest } from 'git-task-isolation'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { Git } from '../../../src/git/git.js'
import { parseManagerOptions } from '../../../src/model/options.js'
import { parsePrepareRequest } from '../../../src/model/prepare-request.js'
import { openServices } from '../../../src/operations/open-services.js'
import { prepare } from '../../../src/operations/prepare.js'
import { CHECKOUTS, KEY, makeStage, type Stage } from '../verbs/stage.js'

let stage: Stage
let git: Git
let countPrepare: (request: Partial<PrepareRequest>) => Promise<number>
beforeEach(async () => {
  stage = await makeStage()
  const settings = parseManagerOptions({}, { root: stage.root, parallelism: 2 })
  git = new Git({ gitTimeoutMs: 60_000, ownDirectory: stage.root })
  const services = openServices(settings, [], { git })
  onTestFinished(async () => {
    await git.close()
    await services.lease.close()
  })
  // Asked for once in a process, which other tests may have done.
  await git.version()
  countPrepare = async (request) => {
    const before = git.processCount
    await prepare(services, parsePrepareRequest({ ...KEY, source: stage.upstream.url, ...request }))
    return git.processCount - before
  }
})

const offline = { freshness: { mode: 'offline' } } as const

describe.each(CHECKOUTS)('git processes of one prepare: %s', (strategy) => {
  test('warm: one, which writes the files', async () => {
    await countPrepare({ taskId: 'first', strategy })
    expect(await countPrepare({ taskId: 'second', strategy, ...offline })).toBe(1)
    expect(await countPrepare({ taskId: 'third', strategy, ...offline, baseRef: 'main' })).toBe(1)
    expect(await countPrepare({ taskId: 'fourth', strategy, ...offline, branch: false })).toBe(1)
  })

  test('warm, with a fetch: two more, and one where refs may have changed for clones', async () => {
    await countPrepare({ taskId: 'first', strategy })
    expect(await countPrepare({ taskId: 'second', strategy })).toBe(strategy === 'clone' ? 4 : 3)
  })

  test('cold: one for the manager, five for the mirror, and what all later ones share', async () => {
    expect(await countPrepare({ strategy })).toBe(strategy === 'clone' ? 10 : 8)
  })

  test('reuse: none', async () => {
    await countPrepare({ strategy })
    expect(await countPrepare({ strategy })).toBe(0)
  })
})

test('git processes of one prepare in a local repository: two looks, the branch, the files', async () => {
  const request = { source: stage.upstream.path, strategy: 'worktree' } as const
  await countPrepare({ ...request, taskId: 'first' })
  expect(await countPrepare({ ...request, taskId: 'second' })).toBe(4)
})
