import { describe, expect, test } from 'vitest'
import { CHECKOUTS, failureOf, makeStage } from '../verbs/stage.js'

const wish = { onBranchTaken: 'suffix' } as const

describe.each(CHECKOUTS)('with the strategy %s', (strategy) => {
  test('of another session', async () => {
    const { prepare } = await makeStage()
    await prepare({ strategy, taskId: 'first', branch: 'agent' })
    const second = await prepare({ strategy, taskId: 'second', ...wish })
    const third = await prepare({ strategy, taskId: 'third', ...wish })
    expect([second.branch, third.branch]).toEqual(['agent-2/default/second', 'agent-2/default/third'])
    const again = await prepare({ strategy, taskId: 'again', branch: 'agent/default/x', ...wish })
    const other = await prepare({ strategy, taskId: 'other', branch: 'agent/default/x', ...wish })
    expect([again.branch, other.branch]).toEqual(['agent-2/default/x', 'agent-2/default/x-2'])
  })
})

test('of the repository', async () => {
  const { manager, upstream } = await makeStage({}, { bare: false })
  await upstream.git('branch', 'Agent')
  const request = { envId: 'shop', taskId: 't', source: upstream.path, strategy: 'worktree' } as const
  expect((await failureOf(manager.prepare(request))).code).toBe('BRANCH_TAKEN')
  expect((await manager.prepare({ ...request, ...wish })).branch).toBe('agent-2/default/t')
})
