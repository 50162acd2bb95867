import { describe, expect, it } from 'vitest'
import { CHECKOUTS, createCrashStage } from './crash-stage.js'

const STEPS = ['reserve', 'base', 'preparing', 'folders', 'checkout', 'files', 'ready'] as const

/** Every step where there is most to undo; the moments between which the kinds differ for the others. */
const stepsOf = (name: string) => (name === 'a worktree of a URL' ? STEPS : (['checkout', 'ready'] as const))

describe.each(CHECKOUTS)('a prepare of $name', (checkout) => {
  // Each one starts from what the one before it left, and gets further.
  it('killed before one step after the other is prepared by the next, or taken away by a cleanup', async () => {
    const stage = await createCrashStage(checkout)
    const plan = { verb: 'prepare', operation: 'prepare' } as const
    for (const step of stepsOf(checkout.name))
      expect(await stage.crash({ ...plan, step }), step).toBe('killed')
    const workspace = await stage.prepare()
    expect(workspace.reused).toBe(false)
    expect((await stage.manager.list()).map(({ state }) => state)).toEqual(['ready'])
    expect((await workspace.cleanup()).action).toBe('removed')
    await stage.expectNothingLeft()

    expect(await stage.crash({ ...plan, step: 'ready' })).toBe('killed')
    expect((await stage.manager.cleanup({ envId: 'shop', taskId: 'task' })).action).toBe('removed')
    await stage.expectNothingLeft()
  })
})
