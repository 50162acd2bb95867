import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, mkdir, readFile, rename, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Workspace } from 'git-task-isolation'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { registrationName, registrationPath } from '../../../src/strategies/worktree-registration.js'
import { git } from '../../helpers/run-git.js'
import { runProgram } from '../../helpers/run-program.js'
import { snapshotTree } from '../../helpers/tree-snapshot.js'
import { canMount, mountSmallDisk } from '../../unit/fs/small-disk.js'
import { isThere, namesIn } from './presence.js'
import { agentWrites, failureOf, KEY, type Stage } from './stage.js'
import { makeWarmStage } from './warm-stage.js'

/** Nothing can be lost by it, so that only what is tested stands in the way. */
const DISCARD = { onUnsavedWork: 'discard' } as const

const entryOf = (stage: Stage, workspace: Workspace) =>
  registrationPath(stage.layout.mirrorDir, registrationName(workspace.workDir))

describe('a worktree', () => {
  test.each(['a reason of their own', ''])(
    'that somebody has locked (%j) is kept until it is unlocked',
    async (why) => {
      const stage = await makeWarmStage()
      const workspace = await stage.prepare({ strategy: 'worktree' })
      const { mirrorDir } = stage.layout
      await git(mirrorDir, 'worktree', 'unlock', workspace.workDir)
      await git(mirrorDir, 'worktree', 'lock', ...(why ? ['--reason', why] : []), workspace.workDir)
      const before = await snapshotTree(workspace.rootDir)
      const report = await workspace.cleanup(DISCARD)
      expect(report.action).toBe('kept')
      expect(report.reason).toContain(`somebody has locked the worktree${why && `: ${why}`}`)
      expect(await snapshotTree(workspace.rootDir)).toEqual(before)
      expect((await failureOf(stage.prepare({ strategy: 'worktree', ifExists: 'recreate' }))).code).toBe(
        'SESSION_TAKEN',
      )
      await git(mirrorDir, 'worktree', 'unlock', workspace.workDir)
      expect(await workspace.cleanup(DISCARD)).toMatchObject({ action: 'removed' })
    },
  )

  test('whose registration is that of another checkout is kept', async () => {
    const stage = await makeWarmStage()
    const workspace = await stage.prepare({ strategy: 'worktree' })
    const gitdir = join(entryOf(stage, workspace), 'gitdir')
    const own = await readFile(gitdir, 'utf8')
    await writeFile(gitdir, join(stage.directory, 'elsewhere/.git\n'))
    const report = await workspace.cleanup(DISCARD)
    expect(report).toMatchObject({
      action: 'kept',
      reason: expect.stringContaining(join(stage.directory, 'elsewhere')),
    })
    expect(await isThere(workspace.workDir)).toBe(true)
    await writeFile(gitdir, own)
    expect(await workspace.cleanup(DISCARD)).toMatchObject({ action: 'removed' })
  })

  test("takes exactly its own registration along, and no other worktree's", async () => {
    const stage = await makeWarmStage()
    const foreign = join(stage.directory, 'foreign')
    const workspace = await stage.prepare({ strategy: 'worktree' })
    await git(
      stage.layout.mirrorDir,
      'worktree',
      'add',
      '--quiet',
      '--detach',
      foreign,
      'refs/remotes/origin/main',
    )
    // Absent for a while, as on a disk that is not plugged in: a prune would unregister it.
    await rename(foreign, `${foreign}.away`)
    await workspace.cleanup()
    expect(await namesIn(dirname(entryOf(stage, workspace)))).toEqual(['foreign'])
  })
})

describe('a link', () => {
  const places = {
    'the environment': (stage: Stage) => stage.layout.directory,
    'the folder of tasks': (stage: Stage) => stage.layout.tasksDir,
    'the workspace': (_stage: Stage, workspace: Workspace) => workspace.rootDir,
  } as const

  test.each(Object.entries(places))(
    'in place of %s is refused, and nothing behind it is touched',
    async (_, place) => {
      const stage = await makeWarmStage()
      const workspace = await stage.prepare()
      const path = place(stage, workspace)
      const elsewhere = join(stage.directory, 'elsewhere')
      await rename(path, elsewhere)
      await symlink(elsewhere, path)
      const ignore = ['.git-task/audit.jsonl', '.git-task/locks']
      const before = await snapshotTree(elsewhere, { ignore })
      expect(await failureOf(workspace.cleanup(DISCARD))).toMatchObject({ code: 'TAMPERED', data: { path } })
      expect(await snapshotTree(elsewhere, { ignore })).toEqual(before)
    },
  )

  test('in place of the trash is refused', async () => {
    const stage = await makeWarmStage()
    const workspace = await stage.prepare()
    const elsewhere = join(stage.directory, 'elsewhere')
    await mkdir(elsewhere)
    await symlink(elsewhere, stage.layout.trashDir)
    expect((await failureOf(workspace.cleanup(DISCARD))).code).toBe('TAMPERED')
    expect(await namesIn(elsewhere)).toEqual([])
    expect((await stage.manager.list()).map(({ state }) => state)).toEqual(['ready'])
  })
})

// Only the superuser may give a folder away.
test.runIf(process.getuid?.() === 0)(
  "another user's folder in the workspace's place is refused",
  async () => {
    const stage = await makeWarmStage()
    const workspace = await stage.prepare()
    await chown(workspace.rootDir, 65_534, 65_534)
    vi.spyOn(process, 'getuid').mockReturnValue(65_533)
    onTestFinished(() => {
      vi.restoreAllMocks()
    })
    const error = await failureOf(workspace.cleanup(DISCARD))
    expect(error).toMatchObject({ code: 'TAMPERED', data: { path: workspace.rootDir, owner: 65_534 } })
    await chown(workspace.rootDir, 0, 0)
    // On a volume where everything has one owner, that owner is nobody else.
    expect(await workspace.cleanup(DISCARD)).toMatchObject({ action: 'removed' })
  },
)

test.runIf(canMount())('a workspace in which something is mounted is kept', async () => {
  const stage = await makeWarmStage()
  const workspace = await stage.prepare()
  const mounted = mountSmallDisk(workspace.workDir)
  await writeFile(join(mounted, 'file'), 'precious')
  const report = await workspace.cleanup(DISCARD)
  expect(report).toMatchObject({ action: 'kept', reason: expect.stringContaining(mounted) })
  expect(await readFile(join(mounted, 'file'), 'utf8')).toBe('precious')
  expect(await stage.manager.list()).toMatchObject([{ state: 'ready' }])
})

// Only Linux tells cheaply where processes work.
test.runIf(process.platform === 'linux')(
  'a process that works in it is named, and does not keep it',
  async () => {
    const stage = await makeWarmStage()
    const workspace = await stage.prepare()
    const child = spawn('sh', ['-c', 'echo here; read line'], { cwd: workspace.workDir })
    onTestFinished(async () => {
      child.stdin.end()
      if (child.exitCode === null) await once(child, 'close')
    })
    await once(child.stdout, 'data')
    const warnings: unknown[] = []
    stage.manager.on('warning', (event) => warnings.push(event))
    expect(await workspace.cleanup()).toMatchObject({ action: 'removed' })
    expect(warnings).toMatchObject([
      { key: KEY, code: 'WORKSPACE_IN_USE', message: expect.stringMatching(new RegExp(`: ${child.pid}$`)) },
    ])
    expect(await isThere(workspace.rootDir)).toBe(false)
  },
)

/** Whether this user, on this file system, may forbid everybody to change a file. */
async function mayForbid(directory: string): Promise<boolean> {
  const probe = join(directory, 'probe')
  await writeFile(probe, '')
  try {
    execFileSync('chattr', ['+i', probe], { stdio: 'ignore' })
    execFileSync('chattr', ['-i', probe], { stdio: 'ignore' })
    return true
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return false
  }
}

/** Some of it may be gone by then. */
async function mayChangeAgain(directory: string): Promise<void> {
  await runProgram('chattr', ['-R', '-f', '-i', directory])
}

describe('what is immutable', () => {
  test('and inside stays in the trash, is told of, and goes with a sweep when it may', async (context) => {
    const stage = await makeWarmStage()
    if (!(await mayForbid(stage.directory))) return context.skip()
    const workspace = await stage.prepare()
    await agentWrites(workspace, 'immutable.txt', 'stays\n')
    execFileSync('chattr', ['+i', join(workspace.workDir, 'immutable.txt')])
    onTestFinished(() => mayChangeAgain(stage.directory))
    const warned = new Promise((resolve) => stage.manager.once('warning', resolve))
    const report = await workspace.cleanup(DISCARD)
    const trash = join(stage.layout.trashDir, KEY.taskId)
    expect(report).toMatchObject({ action: 'kept', error: 'ROLLBACK_INCOMPLETE', trash })
    expect(report.reason).toMatch(/could not be deleted completely: .*\/workdir\/immutable\.txt$/)
    expect(await warned).toMatchObject({ key: KEY, code: 'ROLLBACK_INCOMPLETE' })
    const [left] = await namesIn(join(stage.layout.trashDir, KEY.taskId))
    expect(left).toMatch(/^task-1\./)
    // It stands in nobody's way.
    const next = await stage.prepare()
    expect(await next.cleanup()).toMatchObject({ action: 'removed' })
    await mayChangeAgain(stage.layout.trashDir)
    expect(await stage.manager.sweep()).toMatchObject({ failed: 0 })
    // It is deleted in the background.
    await expect.poll(() => isThere(join(stage.layout.trashDir, KEY.taskId)), { timeout: 20_000 }).toBe(false)
  })

  test('as a whole is said to be so, and stays what it was', async (context) => {
    const stage = await makeWarmStage()
    if (!(await mayForbid(stage.directory))) return context.skip()
    const workspace = await stage.prepare()
    execFileSync('chattr', ['+i', workspace.rootDir])
    onTestFinished(() => mayChangeAgain(stage.directory))
    const error = await failureOf(workspace.cleanup())
    expect(error).toMatchObject({ code: 'ROLLBACK_INCOMPLETE', data: { path: workspace.rootDir } })
    expect(await stage.manager.list()).toMatchObject([{ state: 'ready' }])
    execFileSync('chattr', ['-i', workspace.rootDir])
    expect(await workspace.cleanup()).toMatchObject({ action: 'removed' })
  })
})
