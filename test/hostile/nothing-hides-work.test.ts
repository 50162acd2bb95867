import { appendFile, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { hasErrorCode } from 'git-task-isolation'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { git } from '../helpers/run-git.js'
import { type Forgery, forgeParent, plantGraph, plantMultiPackIndex, plantPack } from './forged-commit.js'
import { makeStageToRepeat, type RepeatedStage, STRATEGIES, type StrategyName } from './hostile-stage.js'

/** What an agent can write so that git takes a commit of another's for saved, or does not see a file. */
interface Lie {
  /** Where it is told, if not in both: refs and grafts of a clone are read by its own git alone. */
  readonly only?: StrategyName
  /**
   * Whether the repository is damaged by it. Which of two packs git reads an object from depends on their times: where it
   * is the forged one, nothing can be archived, and the workspace stays.
   */
  readonly damages?: true
  readonly tells: (stage: RepeatedStage, commit: string) => Promise<unknown>
  readonly tellsAgain?: (stage: RepeatedStage) => Promise<unknown>
}

const LIES: Readonly<Record<string, Lie>> = {
  'a replace ref': {
    only: 'worktree',
    tells: async ({ commonDir, upstream }, commit) => {
      const tip = await upstream.head()
      const forged = await git(commonDir, 'commit-tree', '-p', commit, '-m', 'forged', `${tip}^{tree}`)
      await git(commonDir, 'update-ref', `refs/replace/${tip}`, forged)
    },
    // What a refresh puts right in a mirror comes back before the cleanup.
    tellsAgain: ({ commonDir }) => git(commonDir, 'config', 'core.useReplaceRefs', 'true'),
  },
  'a graft': {
    only: 'worktree',
    tells: async ({ commonDir, upstream }, commit) => {
      await mkdir(join(commonDir, 'info'), { recursive: true })
      await writeFile(join(commonDir, 'info', 'grafts'), `${await upstream.head()} ${commit}\n`)
    },
  },
  'a forged graph of commits': { tells: plants(plantGraph) },
  // The objects of worktrees are shared, and what is in them is believed: only a clone's are the agent's own.
  'a forged pack': { only: 'clone', damages: true, tells: plants(plantPack) },
  'a forged index of packs': { only: 'clone', damages: true, tells: plants(plantMultiPackIndex) },
}

/** The tip of upstream gets the commit for its parent, by other means than those that git has a switch for. */
function plants(plant: (forgery: Forgery, gitDir: string) => Promise<void>): Lie['tells'] {
  return async ({ directory, commonDir, upstream }, parent) =>
    plant(await forgeParent(directory, commonDir, { tip: await upstream.head(), parent }), commonDir)
}

describe.each(STRATEGIES)('in a %s', (strategy) => {
  const lies = Object.entries(LIES).filter(([, { only }]) => only === undefined || only === strategy)
  let makeStage: () => Promise<RepeatedStage>

  beforeAll(async () => {
    makeStage = await makeStageToRepeat(strategy)
  })

  async function newStage(): Promise<RepeatedStage> {
    const stage = await makeStage()
    onTestFinished(() => stage.manager.close())
    return stage
  }

  test.each(lies)('%s does not make a commit a saved one', async (_what, { tells, tellsAgain, damages }) => {
    const stage = await newStage()
    const { victim, workspace, manager } = stage
    // Of a clone only its own git believes the lie, so that there it is about the attacker's own work.
    const target = strategy === 'clone' ? workspace : victim
    const commit = await git(target.workDir, 'commit-tree', 'HEAD^{tree}', '-m', 'Work')
    await git(target.workDir, 'update-ref', 'HEAD', commit)
    await tells(stage, commit)
    // The control: plain git finds nothing that upstream does not have.
    expect(await git(target.workDir, 'rev-list', 'HEAD', '--not', '--remotes=origin')).toBe('')
    // Believed, it would make the branch one that upstream has gone on from. A forged pack is told by itself.
    const moved = await manager.refresh(target.key, { mode: 'reset' }).catch((error: unknown) => error)
    if (!damages) expect(moved).toMatchObject({ code: 'NOT_FAST_FORWARD', data: { commits: [commit] } })
    await tellsAgain?.(stage)
    const refused = await manager
      .cleanup(target.key, { onUnsavedWork: 'refuse' })
      .catch((error: unknown) => error)
    expect(refused).toMatchObject({
      code: 'UNSAVED_WORK',
      data: { commits: expect.arrayContaining([commit]) },
    })
    // A sweep long after its end looks, too, and by the same policy leaves it; what is used is counted all the same.
    await manager.finish(target.key, 'succeeded')
    await manager.sweep({ now: new Date(Date.now() + 30 * 86_400_000) })
    expect((await manager.get(target.key))?.workDir).toBe(target.workDir)
    expect(await manager.diskUsage()).toMatchObject({ environments: [expect.anything()] })
    const archived = await manager
      .cleanup(target.key, { onUnsavedWork: 'archive' })
      .catch((error: unknown) => error)
    if (damages && hasErrorCode(archived, 'ARCHIVE_FAILED')) {
      expect((await manager.get(target.key))?.workDir).toBe(target.workDir)
      return
    }
    expect(archived).toMatchObject({ action: 'removed' })
    const { workDir } = await manager.restore(target.key)
    expect(await git(workDir, 'rev-parse', 'HEAD')).toBe(commit)
  })

  test('a poisoned info/exclude does not hide a file', async () => {
    const stage = await newStage()
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
