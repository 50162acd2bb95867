import { execFile } from 'node:child_process'
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { WorkspaceManager } from 'git-task-isolation'
import { describe, expect, test } from 'vitest'
import { isPresent } from '../../../src/fs/presence.js'
import { git } from '../../helpers/run-git.js'
import { agentCommits, agentGit, CHECKOUTS, failureOf, KEY, makeStage, type Stage } from '../verbs/stage.js'

async function without(stage: Stage, ...names: readonly string[]): Promise<string[]> {
  for (const name of names) await rm(join(stage.layout.mirrorDir, name), { recursive: true })
  const warnings: string[] = []
  stage.manager.on('warning', ({ code, message }) => warnings.push(`${code} ${message}`))
  return warnings
}

const GONE = [
  ['config'],
  ['HEAD'],
  ['refs'],
  ['config', 'HEAD', 'refs'],
  ['config', 'git-task-state.json'],
] as const

/** A mirror is mended in one way: each lack is met by one strategy, in turns. */
const LACKS = GONE.map((gone, turn) => ({ gone, strategy: CHECKOUTS[turn % CHECKOUTS.length] ?? 'clone' }))

test.each(LACKS)('without $gone the next prepare of a $strategy mends it, and says so', async (lack) => {
  const { gone, strategy } = lack
  const stage = await makeStage()
  await (await stage.prepare({ strategy })).cleanup()
  const warnings = await without(stage, ...gone)
  const workspace = await stage.prepare({ strategy })
  expect(warnings.join('\n')).toContain('TAMPERED')
  await agentCommits(workspace, 'work.txt')
  await git(stage.layout.mirrorDir, 'fsck', '--strict')
  expect(await git(stage.layout.mirrorDir, 'config', 'remote.origin.url')).toBe(stage.upstream.url)
})

// Only where its refs are in the mirror does a workspace lose some.
test.each([...LACKS, { gone: ['refs'], strategy: 'worktree' }])(
  'without $gone a $strategy that is there is handed out mended, or what it has lost is named',
  async ({ gone, strategy }) => {
    const stage = await makeStage()
    const first = await stage.prepare({ strategy })
    await agentCommits(first, 'work.txt')
    await without(stage, ...gone)
    if (strategy === 'worktree' && gone.some((name) => name === 'refs')) {
      expect((await failureOf(stage.prepare({ strategy }))).message).toContain(`"${first.branch}"`)
      return
    }
    const again = await stage.prepare({ strategy })
    expect(again.reused).toBe(true)
    expect(await agentGit(again, 'log', '--format=%s', '-1')).toBe('Add work.txt')
  },
)

test('with a pipe or a folder in place of its configuration it is mended, too', async () => {
  const strategy = 'worktree'
  const stage = await makeStage()
  const first = await stage.prepare({ strategy })
  const config = join(stage.layout.mirrorDir, 'config')
  const warnings = await without(stage, 'config')
  await promisify(execFile)('mkfifo', [config])
  await stage.prepare({ strategy, taskId: 'task-2' })
  expect(await git(stage.layout.mirrorDir, 'config', 'remote.origin.url')).toBe(stage.upstream.url)
  await without(stage, 'config')
  await mkdir(config)
  expect((await stage.prepare({ strategy })).reused).toBe(true)
  await first.cleanup()
  expect(warnings.join('\n')).toContain('TAMPERED')
})

test('without its objects, and used by nobody: it is set aside and made anew', async () => {
  const strategy = 'clone'
  const stage = await makeStage()
  await (await stage.prepare({ strategy })).cleanup()
  const warnings = await without(stage, 'objects')
  await agentCommits(await stage.prepare({ strategy }), 'work.txt')
  expect(warnings.join('\n')).toContain(`is made anew: ${stage.layout.mirrorDir}`)
  await git(stage.layout.mirrorDir, 'fsck', '--strict')
})

describe.each(CHECKOUTS)('with the strategy %s', (strategy) => {
  test('without its objects, and in use: the folder, the users and what helps are named', async () => {
    const stage = await makeStage()
    await stage.prepare({ strategy })
    await without(stage, 'objects')
    const other = { strategy, taskId: 'task-2' }
    const { code, message, data, hint } = await failureOf(stage.prepare(other))
    expect([code, data['path'], data['users']]).toEqual(['TAMPERED', stage.layout.mirrorDir, ['shop/task-1']])
    expect(message).toContain(stage.layout.mirrorDir)
    expect(hint).toContain("onUnsavedWork 'discard'")
    expect(await isPresent(join(stage.layout.mirrorDir, 'HEAD'))).toBe(true)
    expect(await stage.manager.list()).toHaveLength(1)
    expect(await stage.manager.cleanup(KEY, { onUnsavedWork: 'discard' })).toMatchObject({
      action: 'removed',
    })
    expect((await stage.prepare(other)).reused).toBe(false)
  })
})

test('of many that meet a torn one at once each gets its workspace', async () => {
  const stage = await makeStage()
  await (await stage.prepare()).cleanup()
  await without(stage, 'config', 'HEAD')
  const managers = [stage.manager, new WorkspaceManager({ root: stage.root })]
  const ids = ['a', 'b', 'c', 'd', 'e', 'f']
  const made = ids.map((taskId, index) =>
    managers[index % 2]?.prepare({ envId: 'shop', taskId, source: stage.upstream.url, strategy: 'worktree' }),
  )
  expect(await Promise.all(made)).toHaveLength(6)
  await git(stage.layout.mirrorDir, 'fsck', '--strict')
  await managers[1]?.close()
})
