import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { git } from '../../helpers/run-git.js'
import { snapshotTree } from '../../helpers/tree-snapshot.js'
import { agentCommits, agentGit, agentWrites, CHECKOUTS, failureOf, KEY, newManager } from './stage.js'
import { makeWarmStage } from './warm-stage.js'

const issueOf = (workDir: string) => readFile(join(workDir, '.agent_context/issue_context.md'), 'utf8')

describe.each(CHECKOUTS)('with the strategy %s', (strategy) => {
  test('with its commits and changes, by another manager too', async () => {
    const { prepare, root, upstream } = await makeWarmStage()
    const first = await prepare({ strategy })
    await agentCommits(first, 'committed.txt')
    await agentWrites(first, 'untracked.txt')
    const before = await snapshotTree(first.workDir, { mtime: true })
    await upstream.commit('main', { 'later.txt': 'later\n' })
    for (const manager of [newManager({ root }), newManager({ root })]) {
      const again = await manager.prepare({ ...KEY, source: upstream.url, strategy })
      expect(again).toMatchObject({ reused: true, branch: first.branch, base: first.base })
      expect(again.env).toEqual(first.env)
    }
    expect(first.reused).toBe(false)
    const context = ['.agent_context', '.git']
    const after = await snapshotTree(first.workDir, { mtime: true, ignore: context })
    expect(before).toMatchObject(after)
  })

  test('without a source in the request', async () => {
    const { manager, prepare } = await makeWarmStage()
    await prepare({ strategy })
    expect(await manager.prepare({ ...KEY })).toMatchObject({ reused: true, strategy })
  })

  test('its context is kept when none is given, and rewritten when one is', async () => {
    const { prepare } = await makeWarmStage()
    const { workDir } = await prepare({ strategy, context: { issueTitle: 'One' } })
    await prepare({ strategy })
    expect(await issueOf(workDir)).toBe('# One\n')
    await prepare({ strategy, context: { issueTitle: 'Two' } })
    expect(await issueOf(workDir)).toBe('# Two\n')
  })

  test('asked for twenty times at once, it is made once', async () => {
    const { manager, prepare } = await makeWarmStage()
    const all = await Promise.all(Array.from({ length: 20 }, () => prepare({ strategy })))
    expect(all.filter(({ reused }) => !reused)).toHaveLength(1)
    expect(await manager.list()).toHaveLength(1)
  })

  test('after its task was finished, it is ready again', async () => {
    const { manager, prepare } = await makeWarmStage()
    const { key } = await prepare({ strategy })
    await manager.finish(key, 'failed')
    expect(await prepare({ strategy })).toMatchObject({ reused: true, session: { state: 'ready' } })
    const [record] = await manager.list()
    expect(record).toMatchObject({ state: 'ready' })
    expect(record).not.toHaveProperty('outcome')
  })

  test('one whose folder vanished is made anew', async () => {
    const { prepare, layout } = await makeWarmStage()
    const first = await prepare({ strategy })
    await rm(first.rootDir, { recursive: true })
    const again = await prepare({ strategy })
    expect(again).toMatchObject({ reused: false, branch: first.branch })
    expect(await agentGit(again, 'status', '--porcelain')).toBe('')
    const worktrees = await git(layout.mirrorDir, 'worktree', 'list', '--porcelain')
    expect(worktrees.split('\n').filter((line) => line.startsWith('worktree '))).toHaveLength(
      strategy === 'worktree' ? 2 : 1,
    )
  })

  test('one that is not what was asked for is refused, not handed out', async () => {
    const { directory, prepare } = await makeWarmStage()
    await prepare({ strategy })
    const other = strategy === 'clone' ? 'worktree' : 'clone'
    for (const wish of [{ strategy: other }, { branch: 'other' }])
      expect(await failureOf(prepare(wish))).toMatchObject({ code: 'SESSION_TAKEN' })
    const source = `file://${join(directory, 'other.git')}`
    expect((await failureOf(prepare({ source }))).code).toBe('SOURCE_INVALID')
  })
})
