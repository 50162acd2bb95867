import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workspace } from 'git-task-isolation'
import { expect, it } from 'vitest'
import { environmentLayout } from '../../../src/model/layout.js'
import { CHECKOUTS, type CrashStage, createCrashStage } from '../recovery/crash-stage.js'
import { agentCommits, agentGit } from '../verbs/stage.js'
import { stateOf } from './agent-state.js'

const KEY = { envId: 'shop', taskId: 'task' } as const

/** What is there when a restore is killed, and how far the next one, which is killed as well, has to get. */
const PAIRS = [
  [
    ['restore', 'look'],
    ['restore', 'files'],
  ],
  [
    ['prepare', 'reserve'],
    ['restore', 'refs'],
  ],
  [
    ['restore', 'base'],
    ['restore', 'state'],
  ],
  [
    ['prepare', 'checkout'],
    ['restore', 'permissions'],
  ],
  [
    ['restore', 'objects'],
    ['prepare', 'files'],
  ],
  [
    ['restore', 'context'],
    ['prepare', 'ready'],
  ],
] as const

/** Those in which the others differ from where there is most to bring back. */
const OF_OTHERS = [
  [
    ['restore', 'refs'],
    ['prepare', 'ready'],
  ],
] as const

async function work(workspace: Workspace): Promise<void> {
  await writeFile(join(workspace.workDir, 'untracked.txt'), 'untracked\n')
  if (workspace.branch === undefined) return
  await agentCommits(workspace, 'committed.txt')
  await writeFile(join(workspace.workDir, 'committed.txt'), 'stashed\n')
  await agentGit(workspace, 'stash', 'push', '--quiet')
  await writeFile(join(workspace.workDir, 'committed.txt'), 'changed\n')
}

it.each(CHECKOUTS)(
  'a restore of $name that is killed at any step leaves the archive, and the next one works',
  { timeout: 300_000 },
  async (checkout) => {
    const stage = await createCrashStage(checkout)
    const workspace = await stage.prepare()
    await work(workspace)
    const before = await stateOf(workspace)
    const { archive } = await stage.manager.cleanup(KEY)
    for (const pair of checkout.name === 'a clone' ? PAIRS : OF_OTHERS) {
      // A directory has no repository to restore refs into: that restore ends.
      const steps = checkout.strategy === 'directory' ? pair.slice(1) : pair
      for (const [operation, step] of steps) {
        const at = `before ${operation}:${step}`
        expect(await stage.crash({ verb: 'restore', operation, step }), at).toBe('killed')
        const archives = await stage.manager.archives()
        expect(
          archives.map(({ archiveId }) => archiveId),
          at,
        ).toEqual([archive?.archiveId])
      }
      await stage.manager.restore(KEY)
      expect(await stateOf(await restoredOf(stage)), steps.join()).toEqual(before)
      await stage.manager.cleanup(KEY, { onUnsavedWork: 'discard' })
    }
  },
)

it.each(CHECKOUTS.filter(({ name }) => name.includes('worktree')))(
  'a killed restore of $name is in the way of no prepare',
  async (checkout) => {
    const stage = await createCrashStage(checkout)
    const workspace = await stage.prepare()
    await work(workspace)
    await stage.manager.cleanup(KEY)
    expect(await stage.crash({ verb: 'restore', operation: 'restore', step: 'context' })).toBe('killed')
    expect(await stage.prepare()).toMatchObject({ reused: false, branch: workspace.branch })
    expect(await stage.manager.archives()).toHaveLength(1)
  },
)

async function restoredOf({ manager }: CrashStage): Promise<Workspace> {
  const workspace = await manager.get(KEY)
  if (workspace === undefined) throw new Error('nothing was restored')
  return workspace
}

it('a branch of the caller that a restore replaces is back after a kill and a sweep', async () => {
  const stage = await createCrashStage(CHECKOUTS[2])
  const workspace = await stage.prepare()
  await work(workspace)
  const { archive } = await stage.manager.cleanup(KEY)
  await keepBranch(stage, workspace, archive?.archiveId)
  const before = await stage.upstream.head(workspace.branch)
  for (const step of ['replace', 'folders', 'files']) {
    expect(await stage.crash({ verb: 'restore', operation: 'prepare', step }), step).toBe('killed')
    expect(await stage.manager.sweep(), step).toMatchObject({ failed: 0 })
    expect(await stage.manager.list(), step).toEqual([])
    expect(await stage.upstream.head(workspace.branch), step).toBe(before)
  }
  expect((await stage.manager.restore(KEY)).branch).toBe(workspace.branch)
})

it('a branch that somebody keeps of an archive outlives a prepare that was killed before it made one', async () => {
  const stage = await createCrashStage(CHECKOUTS[2])
  const workspace = await stage.prepare()
  await work(workspace)
  const { archive } = await stage.manager.cleanup(KEY)
  expect(await stage.crash({ verb: 'prepare', operation: 'prepare', step: 'folders' })).toBe('killed')
  await keepBranch(stage, workspace, archive?.archiveId)
  expect(await stage.manager.sweep()).toMatchObject({ failed: 0 })
  expect(await stage.upstream.branches()).toContain(workspace.branch)
})

/** Somebody has a look at the work, and keeps the branch. */
async function keepBranch(stage: CrashStage, { branch }: Workspace, archiveId: string | undefined) {
  const { archivesRepository } = environmentLayout(stage.root, KEY.envId)
  const archived = `refs/archives/${archiveId}/heads/${branch}`
  await stage.upstream.git('fetch', '--quiet', archivesRepository, `${archived}:refs/heads/${branch}`)
}
