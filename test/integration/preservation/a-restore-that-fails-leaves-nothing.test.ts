import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { parseManagerOptions } from '../../../src/model/options.js'
import { openServices } from '../../../src/operations/open-services.js'
import { restore } from '../../../src/operations/restore.js'
import { leftovers } from '../../helpers/leftovers.js'
import { git } from '../../helpers/run-git.js'
import { agentCommits, agentGit, agentWrites, KEY } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'
import { stateOf } from './agent-state.js'

const STEPS = ['look', 'base', 'objects', 'files', 'refs', 'state', 'permissions', 'context'] as const

it('a restore that fails before one step after the other leaves the archive and nothing else', async () => {
  const stage = await makeWarmStage()
  const workspace = await stage.prepare({ strategy: 'clone' })
  await agentCommits(workspace, 'committed.txt')
  await agentWrites(workspace, 'untracked.txt')
  const before = await stateOf(workspace)
  await stage.manager.cleanup(KEY)
  for (const step of STEPS) {
    const services = openServices(parseManagerOptions({}, { root: stage.root, parallelism: 2 }), [], {
      beforeStep: (operation, name) => {
        if (operation === 'restore' && name === step) throw new Error(`injected at ${step}`)
      },
    })
    onTestFinished(() => services.git.close())
    await expect(restore(services, { target: KEY })).rejects.toThrow(`injected at ${step}`)
    expect(await leftovers(stage.root, 'shop', stage.upstream), step).toEqual([])
    expect(await stage.manager.list(), step).toEqual([])
  }
  expect(await stateOf(await stage.manager.restore(KEY))).toEqual(before)
})

it('nor does it take away a branch that somebody has checked out meanwhile', async () => {
  const stage = await makeWarmStage()
  const workspace = await stage.prepare({ strategy: 'worktree' })
  await agentGit(workspace, 'switch', '--quiet', '-c', 'more')
  const commit = await agentCommits(workspace, 'committed.txt')
  await agentGit(workspace, 'switch', '--quiet', String(workspace.branch))
  await stage.manager.cleanup(KEY)
  await git(stage.layout.mirrorDir, 'branch', '--quiet', '-D', 'more')
  const elsewhere = join(stage.directory, 'elsewhere')
  const services = openServices(parseManagerOptions({}, { root: stage.root, parallelism: 2 }), [], {
    beforeStep: async (operation, name) => {
      if (operation !== 'restore' || name !== 'context') return
      await git(stage.layout.mirrorDir, 'worktree', 'add', '--quiet', elsewhere, 'more')
      throw new Error('the injected fault')
    },
  })
  onTestFinished(() => services.git.close())
  await expect(restore(services, { target: KEY })).rejects.toThrow('the injected fault')
  expect(await git(elsewhere, 'rev-parse', 'HEAD')).toBe(commit)
})
