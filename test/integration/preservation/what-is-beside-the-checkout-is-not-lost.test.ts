import { existsSync } from 'node:fs'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workspace } from 'git-task-isolation'
import { describe, expect, it } from 'vitest'
import { snapshotTree } from '../../helpers/tree-snapshot.js'
import { agentGit, CHECKOUTS, failureOf, KEY, tryAgentGit } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'
import { KINDS_BESIDE, makeWorktree } from './kinds-beside.js'

const CASES = KINDS_BESIDE.flatMap((kind) => kind.strategies.map((strategy) => ({ ...kind, strategy })))
const TASK_FILES = { 'conf/tool.json': { of: 'the caller' } }

it.each(CASES)('$name beside a $strategy is named, archived, and comes back', async (given) => {
  const { strategy, make, found } = given
  const stage = await makeWarmStage()
  const source = strategy === 'directory' ? { source: undefined } : {}
  const workspace = await stage.prepare({ strategy, taskFiles: TASK_FILES, ...source })
  await make(workspace)
  const before = await besideOf(workspace, found)
  const untouched = await snapshotTree(workspace.rootDir, { mtime: true })
  const error = await failureOf(workspace.cleanup({ onUnsavedWork: 'refuse' }))
  expect(error).toMatchObject({
    code: 'UNSAVED_WORK',
    data: { changedFiles: expect.arrayContaining([found]) },
  })
  expect(await snapshotTree(workspace.rootDir, { mtime: true })).toEqual(untouched)
  expect(await workspace.cleanup()).toMatchObject({ action: 'removed', archive: expect.anything() })
  expect(await besideOf(await stage.manager.restore(KEY), found)).toEqual(before)
})

it('the files of the caller are none of the agent’s, whichever prepare wrote them', async () => {
  const stage = await makeWarmStage()
  await stage.prepare({ taskFiles: TASK_FILES })
  const workspace = await stage.prepare({ taskFiles: { './more//settings.json': '{}' } })
  expect(await readFile(join(workspace.rootDir, 'more/settings.json'), 'utf8')).toBe('{}')
  expect(await workspace.cleanup({ onUnsavedWork: 'refuse' })).toMatchObject({ action: 'removed' })
})

describe.each(CHECKOUTS)('worktrees that were added to a %s', (strategy) => {
  it('come back with all of their commits when the mirror is gone', async () => {
    const stage = await makeWarmStage()
    const workspace = await stage.prepare({ strategy })
    await makeTwo(workspace)
    const before = await worktreesOf(workspace)
    await workspace.cleanup()
    await rm(stage.layout.mirrorDir, { recursive: true })
    const restored = await stage.manager.restore(KEY)
    expect(await worktreesOf(restored)).toEqual(before)
    await agentGit(restored, 'fsck', '--no-dangling')
  })

  it('are the other where they are restored into one', async () => {
    const stage = await makeWarmStage()
    const workspace = await stage.prepare({ strategy })
    await makeTwo(workspace)
    await agentGit(workspace, 'clone', '--quiet', '--shared', '.', 'own')
    await agentGit(workspace, '-C', 'own', 'worktree', 'add', '--quiet', '../of-own')
    await workspace.cleanup()
    const again = await stage.manager.restore(KEY)
    const before = await worktreesOf(again)
    const other = await stage.manager.restore(KEY, { taskId: 'task-2', onBranchTaken: 'suffix' })
    for (const name of ['../wt2', 'nested']) await tryAgentGit(other, ['-C', name, 'add', 'own.txt'])
    for (const name of ['../wt2', 'nested']) await tryAgentGit(other, ['-C', name, 'commit', '-m', 'other'])
    expect(await worktreesOf(again)).toEqual(before)
    const own = await agentGit(other, '-C', 'own', 'worktree', 'list', '--porcelain')
    expect(own).toContain(join(other.workDir, 'of-own'))
    const lenders = await readFile(join(other.workDir, 'own/.git/objects/info/alternates'), 'utf8')
    expect(lenders).not.toContain(again.rootDir)
    if (strategy === 'clone')
      expect(await agentGit(other, '-C', '../wt2', 'rev-parse', '--show-toplevel')).toBe(
        join(other.rootDir, 'wt2'),
      )
  })
})

// A mirror's registrations are mended, too, so that this is about those.
it('added worktrees are archived where their HEAD is gone or damaged, with the commits that were on it', async () => {
  const stage = await makeWarmStage()
  const workspace = await stage.prepare({ strategy: 'worktree' })
  await makeTwo(workspace)
  await agentGit(workspace, '-C', '../wt2', 'commit', '--quiet', '--allow-empty', '-m', 'more')
  const commit = await agentGit(workspace, '-C', '../wt2', 'rev-parse', 'HEAD')
  const heads = await Promise.all(
    ['../wt2', 'nested'].map(async (name) =>
      join(await agentGit(workspace, '-C', name, 'rev-parse', '--absolute-git-dir'), 'HEAD'),
    ),
  )
  await rm(heads[0] ?? '')
  await writeFile(heads[1] ?? '', 'damaged\n')
  const files = await readdir(join(workspace.rootDir, 'wt2'))
  expect(await workspace.cleanup()).toMatchObject({ action: 'removed', archive: expect.anything() })
  const restored = await stage.manager.restore(KEY)
  expect(await readdir(join(restored.rootDir, 'wt2'))).toEqual(files)
  expect(await agentGit(restored, 'cat-file', '-t', commit)).toBe('commit')
})

async function makeTwo(workspace: Workspace): Promise<void> {
  await makeWorktree(workspace, '../wt2', 'beside')
  await makeWorktree(workspace, 'nested', 'inside')
}

async function worktreesOf(workspace: Workspace): Promise<readonly string[]> {
  const answers: string[] = []
  for (const name of ['../wt2', 'nested'])
    for (const args of [
      ['log', '--format=%H %s'],
      ['show', ':own.txt'],
      ['status', '--porcelain=v2', '--branch'],
    ])
      answers.push(await agentGit(workspace, '-C', name, ...args))
  return answers
}

/** Without what the caller had written, which a restore does not write again. */
async function besideOf(workspace: Workspace, found: string) {
  const tree = await snapshotTree(workspace.rootDir, {
    ignore: ['workdir', '.gitconfig', '.agent_context', 'conf/tool.json'],
  })
  const folder = join(workspace.workDir, found)
  const asked = [
    ['-C', folder, 'status', '--porcelain=v2', '--branch'],
    ['-C', folder, 'log', '--format=%H %s'],
    ['-C', folder, 'show', ':own.txt'],
  ]
  const answers = []
  for (const args of existsSync(join(folder, '.git')) ? asked : [])
    answers.push((await tryAgentGit(workspace, args)).stdout)
  return { tree, answers }
}
