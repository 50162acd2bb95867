import { describe, expect, it } from 'vitest'
import { CHECKOUTS, createCrashStage } from './crash-stage.js'

const STEPS = ['reserve', 'base', 'preparing', 'folders', 'checkout', 'files', 'ready'] as const

/** Every step where there is most to undo; the moments between which the kinds differ for the others. */
const stepsOf = (name: string) => (name === 'a worktree of a URL' ? STEPS : (['checkout', 'ready'] as const))

describe.each(CHECKOUTS)('a prepare of $name', (checkout) => {
  it.each(stepsOf(checkout.name))('killed before "%s" is prepared by the next prepare', async (step) => {
    const stage = await createCrashStage(checkout)
    expect(await stage.crash({ verb: 'prepare', operation: 'prepare', step })).toBe('killed')
    const workspace = await stage.prepare()
    expect(workspace.reused).toBe(false)
    expect((await stage.manager.list()).map(({ state }) => state)).toEqual(['ready'])
    expect((await workspace.cleanup()).action).toBe('removed')
    await stage.expectNothingLeft()
  })

  it.each(['ready'] as const)('killed before "%s" is taken away by a cleanup', async (step) => {
    const stage = await createCrashStage(checkout)
    expect(await stage.crash({ verb: 'prepare', operation: 'prepare', step })).toBe('killed')
    expect((await stage.manager.cleanup({ envId: 'shop', taskId: 'task' })).action).toBe('removed')
    await stage.expectNothingLeft()
  })
})
