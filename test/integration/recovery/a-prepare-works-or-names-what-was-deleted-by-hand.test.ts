import { isWorkspaceError, type Workspace } from 'git-task-isolation'
import { beforeAll, describe, expect, it } from 'vitest'
import { git } from '../../helpers/run-git.js'
import {
  combinations,
  expectNamed,
  HandTemplate,
  STRATEGIES,
  settled,
  type Thing,
  WORK,
} from './deleted-by-hand.js'

describe.each(STRATEGIES)('a prepare of a %s', (strategy) => {
  describe.each(WORK)('whose agent has %s to lose', (work) => {
    let template: HandTemplate
    beforeAll(async () => {
      template = await HandTemplate.make(strategy, work)
    })

    for (const gone of combinations(strategy)) {
      const test = isHandedOutBroken(gone) || isUnnamed(gone) ? it.fails : it
      test(`works without its ${gone.join(' and ')}, or names it`, async () => {
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

/** A workspace that has a record and a directory is handed out again, whatever else it has lost. */
function isHandedOutBroken(gone: readonly Thing[]): boolean {
  return !gone.includes('record') && !gone.includes('directory')
}

/** "HEAD cannot be read" is all that is said of a registration that is gone. */
function isUnnamed(gone: readonly Thing[]): boolean {
  return gone.join() === 'directory,registration'
}

async function expectToWork({ workDir }: Workspace): Promise<void> {
  expect(await git(workDir, 'status', '--porcelain')).toBe('')
  await git(workDir, 'commit', '--quiet', '--allow-empty', '-m', 'Go on')
  await git(workDir, 'fsck', '--strict')
}
