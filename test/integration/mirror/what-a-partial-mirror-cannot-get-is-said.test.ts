import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { PrepareRequest } from 'git-task-isolation'
import { beforeEach, expect, test } from 'vitest'
import { Git, type GitCall, type GitResult } from '../../../src/git/git.js'
import { fetchCheckoutObjects } from '../../../src/mirror/missing-objects.js'
import { CHECKOUTS, failureOf, makeStage, type Stage } from '../verbs/stage.js'

let stage: Stage
let older: string
beforeEach(async () => {
  stage = await makeStage()
  await stage.upstream.git('config', 'uploadpack.allowFilter', 'true')
  older = await stage.upstream.head()
  await stage.upstream.commit('main', { 'README.md': 'changed\n' })
  await stage.prepare({ taskId: 'first', filter: 'blob:none' })
})

async function expectNothingMade(code: string, request: Partial<PrepareRequest>): Promise<void> {
  expect((await failureOf(stage.prepare({ taskId: 'second', ...request }))).code).toBe(code)
  expect(await stage.manager.list()).toHaveLength(1)
}

test.each(CHECKOUTS)('a remote that is gone: %s', async (strategy) => {
  await rm(stage.upstream.path, { recursive: true })
  await expectNothingMade('GIT_NETWORK', { strategy, baseRef: older })
})

test.each(CHECKOUTS)('a remote that does not have it any more: %s', async (strategy) => {
  const tree = await stage.upstream.git('rev-parse', 'main^{tree}')
  const root = await stage.upstream.git('commit-tree', tree, '-m', 'a history of its own')
  await stage.upstream.git('update-ref', 'refs/heads/main', root)
  await stage.upstream.git('-c', 'gc.reflogExpire=now', 'gc', '--quiet', '--prune=now')
  await expectNothingMade('GIT_REF_MISSING', { strategy, baseRef: older })
})

/** A git whose fetches succeed and bring nothing. */
class EmptyHanded extends Git {
  fetches = 0

  override run(call: GitCall): Promise<GitResult> {
    if (call.args[0] !== 'fetch') return super.run(call)
    this.fetches += 1
    return Promise.resolve({ code: 0, stdout: '', stderr: '' })
  }
}

test('a remote that sends nothing is not asked for ever', async () => {
  const git = new EmptyHanded({ gitTimeoutMs: 60_000 })
  const location = stage.upstream.url
  const context = {
    git,
    mirrorDir: stage.layout.mirrorDir,
    fetchLock: join(stage.layout.locksDir, 'fetch.lock'),
    access: { location, originUrl: location, network: { protocols: ['file'], url: location } },
    now: () => new Date(),
    filter: 'blob:none',
  } as const
  const completed = fetchCheckoutObjects(context, { mode: 'prefer', maxAgeMs: 0 }, { commit: older })
  const failure = await failureOf(completed)
  expect(failure.code).toBe('GIT_REF_MISSING')
  expect(failure.data).toMatchObject({ commit: older, missing: 1 })
  expect(git.fetches).toBe(3)
})
