import { isWorkspaceError, type Workspace } from 'git-task-isolation'
import { beforeAll, describe, expect, it } from 'vitest'
import { git } from '../../helpers/run-git.js'
import { combinations, expectNamed, HandTemplate, STRATEGIES, settled, WORK } from './deleted-by-hand.js'

describe.each(STRATEGIES)('a prepare of a %s', (strategy) => {
  // Pushed work is in upstream, whichever strategy it came from.
  const works = strategy === 'clone' ? WORK : WORK.filter((work) => work !== 'pushed')
  describe.each(works)('whose agent has %s to lose', (work) => {
    let template: HandTemplate
    beforeAll(async () => {
      template = await HandTemplate.make(strategy, work)
    })

    for (const gone of combinations(strategy)) {
      it(`works without its ${gone.join(' and ')}, or names it`, async () => {
        const stage = await template.without(gone)
        const first = await settled(stage.prepare())
        if (isWorkspaceError(first)) expectNamed(first, gone)
        else await expectToWork(first)
        await stage.expectNothingLost()
        const second = await settled(stage.prepare())
        if (isWorkspaceError(first)) expect(second).toEqual(first)
        else expect(second).toMatchObject({ reused: true })
        await stage.expectNothingLost()
      })
    }
  })
})

async function expectToWork({ workDir }: Workspace): Promise<void> {
  expect(await git(workDir, 'status', '--porcelain')).toBe('')
  await git(workDir, 'commit', '--quiet', '--allow-empty', '-m', 'Go on')
  await git(workDir, 'fsck', '--strict')
}
