import { isWorkspaceError } from 'git-task-isolation'
import { beforeAll, describe, expect, it } from 'vitest'
import { combinations, expectNamed, HandTemplate, STRATEGIES, settled, WORK } from './deleted-by-hand.js'

/** Without its folder or its record there is no workspace any more, and what else there was of it goes. */
const isGone = (gone: readonly string[]) => gone.includes('record') || gone.includes('directory')

describe.each(STRATEGIES)('a cleanup of a %s', (strategy) => {
  describe.each(WORK)('whose agent has %s to lose', (work) => {
    let template: HandTemplate
    beforeAll(async () => {
      template = await HandTemplate.make(strategy, work)
    })

    for (const gone of combinations(strategy)) {
      it(`works without its ${gone.join(' and ')}, or names it`, async () => {
        const stage = await template.without(gone)
        const first = await settled(stage.cleanup())
        if (isWorkspaceError(first)) expectNamed(first, gone)
        else expect(first.action).toBe(isGone(gone) ? 'absent' : 'removed')
        await stage.expectNothingLost()
        const second = await settled(stage.cleanup())
        if (isWorkspaceError(first)) expect(second).toEqual(first)
        else expect(second).toMatchObject({ action: 'absent' })
        const isDone = !isWorkspaceError(first) && !gone.includes('record')
        if (isDone) expect(await stage.traces()).toEqual([])
        await stage.expectNothingLost()
      })
    }
  })
})
