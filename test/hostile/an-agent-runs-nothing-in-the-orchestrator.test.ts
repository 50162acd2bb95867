import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isWorkspaceError } from 'git-task-isolation'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { parseVersion } from '../../src/git/version.js'
import { git } from '../helpers/run-git.js'
import { ATTACKS } from './attacks.js'
import { type HostileStage, makeHostileStage, mergeable, rearming, STRATEGIES } from './hostile-stage.js'
import { VERBS, type Verb } from './verbs.js'

const version = parseVersion(await git('/', 'version'))

describe.each(STRATEGIES)('an armed %s', (strategy) => {
  const attacks = ATTACKS.filter(({ only }) => only === undefined || only === strategy)
  let stage: HostileStage
  let rearm: () => Promise<void>

  beforeAll(async () => {
    stage = await makeHostileStage(strategy)
    await writeFile(join(stage.workspace.workDir, 'file.merge'), mergeable('first', 'mine'))
    await stage.git('commit', '--quiet', '--all', '-m', 'Change a file')
    for (const attack of attacks) await attack.arm(stage)
    rearm = await rearming(stage)
  })

  beforeEach(async () => {
    await rearm()
    await stage.sentinels.clear()
  })

  afterAll(() => stage.manager.close())

  for (const [name, { does, ends }] of Object.entries(VERBS)) {
    test(`${name} runs nothing of it`, () => holds(does, ends))
  }

  async function holds(does: Verb['does'], ends: Verb['ends']): Promise<void> {
    const outcome = await does(stage).catch((error: unknown) => error)
    expect(await stage.sentinels.seen()).toEqual([])
    if (typeof ends === 'object') expect(outcome).toMatchObject(ends)
    else expect(isWorkspaceError(outcome) ? outcome.code : outcome).toBe(ends)
  }

  test.each(attacks)('control: plain git runs into $name', async ({ name, sinceGit, control }) => {
    await Promise.allSettled([control(stage)])
    const isKnown = sinceGit === undefined || isAtLeast(sinceGit)
    expect((await stage.sentinels.seen()).includes(name)).toBe(isKnown)
  })
})

function isAtLeast([major, minor]: readonly [number, number]): boolean {
  return version.major > major || (version.major === major && version.minor >= minor)
}
