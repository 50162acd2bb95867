import { mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workspace } from 'git-task-isolation'
import { describe, expect, it } from 'vitest'
import { git } from '../../helpers/run-git.js'
import { snapshotTree } from '../../helpers/tree-snapshot.js'
import { agentCommits, agentGit, agentWrites, CHECKOUTS, failureOf, KEY } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'
import { archiveTraces } from './archive-traces.js'

/** What nobody can tell the work of, or write it down. */
const CASES: readonly {
  readonly name: string
  readonly make: (workspace: Workspace) => Promise<unknown>
  readonly strategies?: readonly ('clone' | 'worktree')[]
  /** What a plan is certain of; else it has its doubts. */
  readonly plan?: 'kept'
}[] = [
  {
    name: 'a checkout that was moved within its folder, and is linked to',
    make: async ({ workDir, stateDir }) => {
      await rename(workDir, join(stateDir, 'real'))
      await symlink('state/real', workDir)
    },
    plan: 'kept',
  },
  {
    name: 'a file in the place of the checkout',
    make: async ({ workDir, stateDir }) => {
      await rename(workDir, join(stateDir, 'real'))
      await writeFile(workDir, 'a file\n')
    },
    plan: 'kept',
  },
  {
    name: "a repository in the place of a worktree's pointer",
    make: async (workspace) => {
      await rm(join(workspace.workDir, '.git'))
      await agentGit(workspace, 'init', '--quiet')
      await agentCommits(workspace, 'only-there.txt')
      await agentGit(workspace, 'rm', '--quiet', 'only-there.txt')
    },
    strategies: ['worktree'],
  },
  {
    name: 'a pointer to another repository',
    make: async ({ workDir, stateDir }) => {
      await git(stateDir, 'init', '--quiet', 'other')
      await writeFile(join(workDir, '.git'), `gitdir: ${join(stateDir, 'other/.git')}\n`)
    },
    strategies: ['worktree'],
  },
  {
    name: 'refs that are kept in an unknown way',
    make: ({ workDir }) => mkdir(join(workDir, '.git/reftable')),
    strategies: ['clone'],
  },
  {
    name: 'an index that is a link',
    make: async ({ workDir, stateDir }) => {
      await rename(join(workDir, '.git/index'), join(stateDir, 'index'))
      await symlink(join(stateDir, 'index'), join(workDir, '.git/index'))
    },
    strategies: ['clone'],
  },
  {
    name: 'a branch whose commit is not there',
    make: ({ workDir }) => writeFile(join(workDir, '.git/refs/heads/lost'), `${'a'.repeat(40)}\n`),
    strategies: ['clone'],
  },
  {
    name: 'a HEAD that says nothing',
    make: ({ workDir }) => writeFile(join(workDir, '.git/HEAD'), 'nothing\n'),
    strategies: ['clone'],
  },
]

const ALL = CASES.flatMap(({ strategies = CHECKOUTS, ...one }) =>
  strategies.map((strategy) => ({ ...one, strategy })),
)

describe.each(ALL)('$name, in a $strategy', ({ make, strategy, plan }) => {
  it('keeps the workspace, and leaves nothing half of an archive', async () => {
    const stage = await makeWarmStage()
    const workspace = await stage.prepare({ strategy })
    await agentWrites(workspace, 'untracked.txt')
    await make(workspace)
    const before = await snapshotTree(workspace.rootDir, { mtime: true })
    expect(await workspace.cleanup({ dryRun: true })).toMatchObject(
      plan === 'kept'
        ? { action: 'kept', error: 'ARCHIVE_FAILED' }
        : { reason: expect.stringMatching(/^it goes if its unsaved work can be archived, .*: ./) },
    )
    expect(await failureOf(workspace.cleanup())).toMatchObject({ code: 'ARCHIVE_FAILED' })
    expect(await snapshotTree(workspace.rootDir, { mtime: true })).toEqual(before)
    expect(await archiveTraces(stage.root, KEY.envId)).toEqual([])
    expect(await failureOf(workspace.cleanup({ onUnsavedWork: 'refuse' }))).toMatchObject({
      code: 'UNSAVED_WORK',
    })
  })
})
