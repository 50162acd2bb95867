import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workspace } from 'git-task-isolation'
import { describe, expect, it } from 'vitest'
import { environmentLayout } from '../../../src/model/layout.js'
import { CHECKOUTS, createCrashStage } from '../recovery/crash-stage.js'
import { agentCommits, agentGit } from '../verbs/stage.js'
import { stateOf } from './agent-state.js'

const KEY = { envId: 'shop', taskId: 'task' } as const

const STEPS = [
  ['restore', 'look'],
  ['prepare', 'reserve'],
  ['restore', 'base'],
  ['prepare', 'checkout'],
  ['restore', 'objects'],
  ['restore', 'files'],
  ['restore', 'refs'],
  ['restore', 'state'],
  ['restore', 'permissions'],
  ['prepare', 'files'],
  ['restore', 'context'],
  ['prepare', 'ready'],
] as const

/** Every step where there is most to bring back; for the others those in which they differ. */
const stepsOf = ({ name }: (typeof CHECKOUTS)[number]): readonly (typeof STEPS)[number][] =>
  name === 'a clone' ? STEPS : STEPS.filter(([, step]) => ['refs', 'ready'].includes(step))

async function work(workspace: Workspace): Promise<void> {
  await writeFile(join(workspace.workDir, 'untracked.txt'), 'untracked\n')
  if (workspace.branch === undefined) return
  await agentCommits(workspace, 'committed.txt')
  await writeFile(join(workspace.workDir, 'committed.txt'), 'stashed\n')
  await agentGit(workspace, 'stash', 'push', '--quiet')
  await writeFile(join(workspace.workDir, 'committed.txt'), 'changed\n')
}

describe.each(CHECKOUTS)('a restore of $name', (checkout) => {
  it.each(stepsOf(checkout))(
    'that is killed before %s:%s leaves the archive, and the next one works',
    async (operation, step) => {
      const stage = await createCrashStage(checkout)
      const workspace = await stage.prepare()
      await work(workspace)
      const before = await stateOf(workspace)
      const { archive } = await stage.manager.cleanup(KEY)
      const end = await stage.crash({ verb: 'restore', operation, step })
      if (end === 'ended') return expect(['directory']).toContain(checkout.strategy)
      expect((await stage.manager.archives()).map(({ archiveId }) => archiveId)).toEqual([archive?.archiveId])
      expect(await stateOf(await stage.manager.restore(KEY))).toEqual(before)
    },
  )
})

it.each(['replace', 'folders', 'files'])(
  'a branch of the caller that a restore replaces is back after a kill before %s and a sweep',
  async (step) => {
    const stage = await createCrashStage(CHECKOUTS[2])
    const workspace = await stage.prepare()
    await work(workspace)
    const { archive } = await stage.manager.cleanup(KEY)
    // Somebody has had a look at the work, and kept the branch.
    const { archivesRepository } = environmentLayout(stage.root, KEY.envId)
    const branch = `refs/archives/${archive?.archiveId}/heads/${workspace.branch}`
    await stage.upstream.git(
      'fetch',
      '--quiet',
      archivesRepository,
      `${branch}:refs/heads/${workspace.branch}`,
    )
    const before = await stage.upstream.head(workspace.branch)
    expect(await stage.crash({ verb: 'restore', operation: 'prepare', step })).toBe('killed')
    expect(await stage.manager.sweep()).toMatchObject({ failed: 0 })
    expect(await stage.manager.list()).toEqual([])
    expect(await stage.upstream.head(workspace.branch)).toBe(before)
    expect((await stage.manager.restore(KEY)).branch).toBe(workspace.branch)
  },
)
