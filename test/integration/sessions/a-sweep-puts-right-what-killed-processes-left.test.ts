import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SweepDecision } from 'git-task-isolation'
import { beforeEach, describe, expect, test } from 'vitest'
import { isPresent, namesIn } from '../../../src/fs/presence.js'
import { processTag } from '../../../src/fs/process-tag.js'
import { temporaryName } from '../../../src/fs/temporary-name.js'
import { ownersDir } from '../../../src/model/layout.js'
import { createCrashStage } from '../recovery/crash-stage.js'
import { isThere } from '../verbs/presence.js'
import { agentCommits, KEY, makeStage, type Stage } from '../verbs/stage.js'

const removals = (decisions: readonly SweepDecision[]) =>
  decisions.filter(({ action }) => action === 'remove')

describe('sessions of dead owners', () => {
  test.each(['reserve', 'preparing', 'checkout', 'ready'])(
    'a prepare killed before "%s" is undone',
    async (step) => {
      const stage = await createCrashStage({
        name: 'a worktree of a URL',
        strategy: 'worktree',
        source: 'url',
      })
      await stage.crash({ verb: 'prepare', operation: 'prepare', step })
      const plan = await stage.manager.sweep({ dryRun: true })
      const report = await stage.manager.sweep()
      // The dead owner's lock is taken over, and so gone before its turn comes.
      const sessions = (decisions: readonly SweepDecision[]) =>
        decisions.filter(({ kind }) => kind !== 'temporary').map(({ kind, reason }) => ({ kind, reason }))
      expect(sessions(report.decisions)).toEqual(sessions(plan.decisions))
      expect(report.failed).toBe(0)
      await stage.expectNothingLeft()
      expect(await stage.manager.sweep()).toMatchObject({ decisions: [], removed: 0, kept: 0, freedBytes: 0 })
    },
  )

  test.each(['trash', 'unregister', 'empty', 'release'])(
    'a cleanup killed before "%s" is completed',
    async (step) => {
      const stage = await createCrashStage({ name: 'a clone', strategy: 'clone', source: 'url' })
      await (await stage.prepare()).finish('succeeded')
      await stage.crash({ verb: 'cleanup', operation: 'cleanup', step })
      const report = await stage.manager.sweep()
      const decision = report.decisions.find(({ kind }) => kind === 'workspace')
      expect(decision).toMatchObject({ action: 'remove', key: { envId: 'shop', taskId: 'task' } })
      expect(decision?.reason).toMatch(/^its removal never ended: the owner is gone \(process \d+ on /)
      if (step !== 'release') expect(report.freedBytes).toBeGreaterThan(0)
      await stage.expectNothingLeft()
    },
  )
})

describe('what no session needs', () => {
  let stage: Stage
  beforeEach(async () => {
    stage = await makeStage()
    await stage.prepare({ strategy: 'worktree' })
  })

  /** The tag of a process that has ended. */
  async function deadTag(): Promise<string> {
    const child = spawn(process.execPath, ['-e', ''], { stdio: 'ignore' })
    await once(child, 'close')
    return processTag().replace(/-\d+-/, `-${child.pid}-`)
  }

  test('temporary files of dead processes go, those of living ones stay', async () => {
    const { layout } = stage
    const dead = join(layout.managerDir, `.mirror.git.tmp-${await deadTag()}-0123abcd`)
    const living = join(layout.sessionsDir, temporaryName('task-9.json'))
    await mkdir(join(dead, 'objects'), { recursive: true })
    await writeFile(living, '')
    const report = await stage.manager.sweep()
    expect(removals(report.decisions)).toMatchObject([{ kind: 'temporary', path: dead }])
    expect([await isPresent(dead), await isPresent(living)]).toEqual([false, true])
  })

  test('a temporary file whose maker is unknown is kept and named', async () => {
    const unknown = join(stage.layout.scratchDir, '.view.tmp-00000000-1-00000000-0123abcd')
    await mkdir(unknown)
    const { decisions } = await stage.manager.sweep()
    expect(decisions).toContainEqual(
      expect.objectContaining({ path: unknown, action: 'keep', attention: 'needed' }),
    )
    expect(await isPresent(unknown)).toBe(true)
  })

  test('trash, indexes, half-made registrations, locks and leases', async () => {
    const { layout, root } = stage
    const left = [
      join(layout.trashDir, 'task-8'),
      join(layout.indexesDir, 'task-8.index'),
      join(layout.mirrorDir, 'git-task-staging-task-8-0123456789'),
      join(layout.locksDir, 'session-task-10.lock'),
    ]
    for (const folder of left) await mkdir(folder, { recursive: true })
    await writeFile(join(left[0] ?? '', 'file.0123abcd'), 'rest')
    const lease = join(ownersDir(root), 'gone.json')
    const owner = { host: 'elsewhere', pid: 1, processStart: '', bootId: '', id: 'other' }
    await writeFile(lease, JSON.stringify(owner))
    await writeFile(join(ownersDir(root), 'torn.json'), '{')
    const report = await stage.manager.sweep()
    expect(
      removals(report.decisions)
        .map(({ path }) => path)
        .sort(),
    ).toEqual([...left].sort())
    expect(report.freedBytes).toBeGreaterThan(0)
    for (const path of left) expect(await isPresent(path), path).toBe(false)
    expect(await isPresent(lease), 'whose name it is cannot be told').toBe(true)
  })

  test('a lock file that a killed git left in the mirror goes', async () => {
    const lock = join(stage.layout.mirrorDir, 'packed-refs.lock')
    await writeFile(lock, '')
    const report = await stage.manager.sweep()
    expect(removals(report.decisions)).toMatchObject([{ kind: 'temporary', path: lock }])
    expect(await isPresent(lock)).toBe(false)
  })

  test('what is in use is not touched', async () => {
    const before = await readFile(join(stage.layout.sessionsDir, 'task-1.json'), 'utf8')
    const { decisions, removed } = await stage.manager.sweep()
    expect(decisions).toMatchObject([{ kind: 'workspace', key: KEY, action: 'keep' }])
    expect(decisions[0]?.reason).toMatch(/^it is ready, and its owner lives \(process \d+ on /)
    expect(removed).toBe(0)
    expect(await readFile(join(stage.layout.sessionsDir, 'task-1.json'), 'utf8')).toBe(before)
  })
})

describe('what no record knows is reported and kept', () => {
  test('a checkout with its registration', async () => {
    const { prepare, layout, manager } = await makeStage()
    const workspace = await prepare({ strategy: 'worktree' })
    await agentCommits(workspace, 'work.txt')
    await rm(join(layout.sessionsDir, 'task-1.json'))
    const { decisions } = await manager.sweep()
    expect(decisions).toMatchObject([
      { kind: 'orphan-directory', path: workspace.rootDir, action: 'keep', attention: 'needed' },
      { kind: 'orphan-registration', action: 'keep', reason: expect.stringContaining('goes with it') },
      { kind: 'temporary', action: 'remove' },
    ])
    expect(await isThere(join(workspace.workDir, 'work.txt'))).toBe(true)
    expect(await namesIn(join(layout.mirrorDir, 'worktrees'))).toHaveLength(1)
  })

  test("a registration in the caller's own repository", async () => {
    const { manager, directory, layout, upstream } = await makeStage({}, { bare: false })
    const workspace = await manager.prepare({ ...KEY, source: upstream.path, strategy: 'worktree' })
    await rm(join(layout.sessionsDir, 'task-1.json'))
    await rm(workspace.rootDir, { recursive: true })
    const { decisions } = await manager.sweep()
    const registration = decisions.find(({ kind }) => kind === 'orphan-registration')
    expect(registration?.path).toContain(join(upstream.path, '.git', 'worktrees'))
    expect(registration?.path).toContain(directory)
  })

  test('artifacts that a cleanup kept need nobody', async () => {
    const { prepare, manager } = await makeStage()
    const workspace = await prepare()
    await workspace.cleanup({ keep: 'artifacts' })
    const { decisions } = await manager.sweep()
    expect(decisions).toMatchObject([{ kind: 'orphan-directory', path: workspace.rootDir, action: 'keep' }])
    expect(decisions[0]?.attention).toBeUndefined()
  })

  test('what is not ours in an old checkout\'s own "tasks" is not spoken of', async () => {
    const { prepare, manager, layout } = await makeStage()
    await (await prepare()).cleanup()
    await mkdir(join(layout.tasksDir, 'build'), { recursive: true })
    await writeFile(join(layout.tasksDir, 'build', 'script.sh'), '')
    await writeFile(join(layout.tasksDir, 'README'), '')
    expect((await manager.sweep()).decisions).toEqual([])
  })
})

test('a root that does not exist is not made, and another environment is not touched', async () => {
  const { manager, root, prepare } = await makeStage()
  expect(await manager.sweep()).toEqual({
    ...{ decisions: [], removed: 0, kept: 0, failed: 0 },
    freedBytes: 0,
    archivedBytes: 0,
  })
  expect(await isThere(root)).toBe(false)
  await prepare()
  expect((await manager.sweep({ envId: 'other' })).decisions).toEqual([])
  expect((await manager.sweep({ envId: 'shop' })).decisions).toHaveLength(1)
})

test('the empty folders of leases that a killed process made go', async () => {
  const { manager, root } = await makeStage()
  const own = join(ownersDir(root), '..')
  for (const folder of [own, ownersDir(root), join(own, 'folders.lock')]) {
    await mkdir(folder, { recursive: true })
    await manager.sweep()
    expect(await isPresent(own), folder).toBe(false)
  }
})

test('one thing that cannot be removed is reported and stops nothing else', async () => {
  const { manager, layout, prepare } = await makeStage()
  await prepare()
  const first = join(layout.trashDir, 'task-7')
  const second = join(layout.trashDir, 'task-8')
  for (const folder of [first, second]) await mkdir(folder, { recursive: true })
  const busy = join(layout.locksDir, 'session-task-7.lock')
  await writeFile(busy, 'no lock at all')
  const report = await manager.sweep()
  const failure = report.decisions.find(({ path }) => path === first)
  expect(failure?.error).toContain('TAMPERED')
  expect([report.failed, report.removed]).toEqual([1, 1])
  expect([await isPresent(first), await isPresent(second)]).toEqual([true, false])
})
