import { appendFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { git } from '../helpers/run-git.js'
import { type HostileStage, makeHostileStage, STRATEGIES } from './hostile-stage.js'

/** What an agent can write so that git takes a commit of another's for saved, or does not see a file. */
interface Lie {
  readonly tells: (stage: HostileStage, commit: string) => Promise<unknown>
}

const LIES: Readonly<Record<string, Lie>> = {
  'a replace ref': {
    tells: async ({ commonDir, upstream }, commit) => {
      const tip = await upstream.head()
      const forged = await git(commonDir, 'commit-tree', '-p', commit, '-m', 'forged', `${tip}^{tree}`)
      await git(commonDir, 'update-ref', `refs/replace/${tip}`, forged)
    },
  },
  'a graft': {
    tells: async ({ commonDir, upstream }, commit) => {
      await mkdir(join(commonDir, 'info'), { recursive: true })
      await writeFile(join(commonDir, 'info', 'grafts'), `${await upstream.head()} ${commit}\n`)
    },
  },
}

let stage: HostileStage | undefined
afterEach(() => stage?.manager.close())

describe.each(STRATEGIES)('in a %s', (strategy) => {
  test.each(Object.entries(LIES))('%s does not make a commit a saved one', async (_what, { tells }) => {
    stage = await makeHostileStage(strategy)
    const { victim, workspace, manager } = stage
    // Of a clone only its own git believes the lie, so that there it is about the attacker's own work.
    const target = strategy === 'clone' ? workspace : victim
    await git(target.workDir, 'commit', '--quiet', '--allow-empty', '-m', 'Work')
    const commit = await git(target.workDir, 'rev-parse', 'HEAD')
    await tells(stage, commit)
    // The control: plain git finds nothing that upstream does not have.
    expect(await git(target.workDir, 'rev-list', 'HEAD', '--not', '--remotes=origin')).toBe('')
    const cleanup = manager.cleanup(target.key, { onUnsavedWork: 'refuse' })
    expect(await cleanup.catch((error: unknown) => error)).toMatchObject({
      code: 'UNSAVED_WORK',
      data: { commits: expect.arrayContaining([commit]) },
    })
  })

  test('a poisoned info/exclude does not hide a file', async () => {
    stage = await makeHostileStage(strategy)
    const { victim, workspace, manager, commonDir } = stage
    const target = strategy === 'clone' ? workspace : victim
    await mkdir(join(commonDir, 'info'), { recursive: true })
    await appendFile(join(commonDir, 'info', 'exclude'), '*\n')
    await writeFile(join(target.workDir, 'work.txt'), 'work\n')
    expect(await git(target.workDir, 'status', '--porcelain')).toBe('')
    const cleanup = manager.cleanup(target.key, { onUnsavedWork: 'refuse' })
    expect(await cleanup.catch((error: unknown) => error)).toMatchObject({
      code: 'UNSAVED_WORK',
      data: { changedFiles: ['work.txt'] },
    })
  })
})
