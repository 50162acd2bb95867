import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isWorkspaceError, WorkspaceManager } from 'git-task-isolation'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { git } from '../helpers/run-git.js'
import { snapshotTree, type TreeSnapshot } from '../helpers/tree-snapshot.js'
import { FRESH, type HostileStage, makeHostileStage, STRATEGIES } from './hostile-stage.js'
import { type Place, SWAPS, type Swap } from './swaps.js'

describe.each(STRATEGIES)('in a %s', (strategy) => {
  const cases = Object.entries(SWAPS).filter(([, { only }]) => only === undefined || only === strategy)
  const places = new Map<Place, Swap['does']>()
  let stage: HostileStage
  let victimGitDir: string

  beforeAll(async () => {
    stage = await makeHostileStage(strategy, { freshness: FRESH })
    await upstreamMoves(stage)
    victimGitDir = await git(stage.victim.workDir, 'rev-parse', '--absolute-git-dir')
  })

  afterAll(() => stage.manager.close())

  test.each(cases)('%s', async (what, { does, control, shows }) => {
    const place = await newPlace(stage, victimGitDir, what)
    places.set(place, does)
    await does(place)
    const before = await othersOf(place)
    const key = place.workspace.key
    const verbs = [
      () => stage.prepare({ ...key }),
      () => stage.manager.refresh(key),
      () => stage.manager.refresh(key, { mode: 'rebase' }),
      () => stage.manager.cleanup(key, { onUnsavedWork: 'refuse' }),
    ]
    for (const verb of verbs) {
      await verb().catch(expectTyped)
      expect(await othersOf(place)).toEqual(before)
    }
    expect(await stage.sentinels.seen()).toEqual([])
    // The control comes last, since nothing of the others is as it was after it.
    if (control === undefined || !(await isStillThere(place))) return
    await control(place)
    if (shows === undefined) expect(await othersOf(place)).not.toEqual(before)
    if (shows === 'a sentinel') expect(await stage.sentinels.seen()).not.toEqual([])
    await stage.sentinels.clear()
    await git('/', '-C', stage.victim.workDir, 'reset', '-q', '--hard', String(stage.victim.base?.commit))
  })

  // What was put right, or removed since nothing was unsaved, is swapped once more.
  test('usage, cleanups that archive, restores and sweeps', async () => {
    const { manager, root } = stage
    const sweeping = new WorkspaceManager({ root, gitTimeoutMs: 10_000 })
    for (const [place, does] of places) if (!(await isStillThere(place))) await swapAgain(place, does)
    const before = await allOf([...places.keys()])
    const keys = [...places.keys()].map(({ workspace }) => workspace.key)
    await manager.diskUsage()
    await manager.sweep()
    for (const key of keys) await manager.cleanup(key, { onUnsavedWork: 'archive' }).catch(expectTyped)
    // What is refused stays as it was swapped, for the sweep; what is restored is not any more.
    const refused = new Set((await manager.list()).map((session) => session.taskId))
    for (const key of keys) await manager.restore(key).catch(expectTyped)
    for (const key of keys.filter(({ taskId }) => refused.has(taskId)))
      await manager.finish(key, 'succeeded').catch(expectTyped)
    await sweeping.sweep({ now: new Date(Date.now() + 10 * 86_400_000) })
    await sweeping.close()
    expect(await manager.archives()).not.toEqual([])
    expect(await allOf([...places.keys()])).toEqual(before)
    expect(await stage.sentinels.seen()).toEqual([])
  })
})

function expectTyped(error: unknown): void {
  if (!isWorkspaceError(error)) throw error
}

async function isStillThere({ workspace }: Place): Promise<boolean> {
  return readFile(join(workspace.workDir, 'README.md')).then(
    () => true,
    () => false,
  )
}

async function upstreamMoves({ upstream, prepare }: HostileStage): Promise<void> {
  await upstream.commit('main', { 'later.txt': 'later\n' })
  await prepare({ taskId: 'first', freshness: { mode: 'require', maxAgeMs: 0 } })
}

async function newPlace(stage: HostileStage, victimGitDir: string, what: string): Promise<Place> {
  const taskId = what.replaceAll(/[^a-z]+/g, '-').replace(/^-/, '')
  // From a commit that upstream has left behind, so that there is something to refresh.
  const workspace = await stage.prepare({ taskId, baseRef: 'main' })
  await git(workspace.workDir, 'reset', '-q', '--hard', 'HEAD~1')
  const outside = join(stage.directory, `outside-${taskId}`)
  await mkdir(outside)
  await writeFile(join(outside, 'file'), 'of somebody else\n')
  return {
    stage,
    workspace,
    outside,
    gitDir: await git(workspace.workDir, 'rev-parse', '--absolute-git-dir'),
    victimGitDir,
  }
}

/** With something to be archived. */
async function swapAgain(place: Place, does: Swap['does']): Promise<void> {
  const { workDir } = await place.stage.prepare({ ...place.workspace.key })
  await writeFile(join(workDir, 'untracked.txt'), 'untracked\n')
  await does(place)
}

async function allOf(places: readonly Place[]): Promise<unknown> {
  const found: unknown[] = []
  for (const place of places) found.push([place.workspace.key.taskId, await othersOf(place)])
  return found
}

/** All that belongs to others: the victim's task, its registration and branch, and a folder outside. */
async function othersOf({
  stage,
  outside,
  victimGitDir,
}: Place): Promise<Record<string, TreeSnapshot | string>> {
  return {
    victim: await snapshotTree(stage.victim.rootDir),
    gitDir: await snapshotTree(victimGitDir),
    branch: await branchOf(stage),
    outside: await snapshotTree(outside),
  }
}

/** The victim's, where it is in the repository that both share; of a clone its git dir has it. */
async function branchOf({ strategy, commonDir, victim }: HostileStage): Promise<string> {
  if (strategy === 'clone') return ''
  const ref = `refs/heads/${victim.branch}`
  // Many are looked at, and a packed one alone needs a git to be found.
  const loose = join(commonDir, ref)
  return existsSync(loose) ? readFile(loose, 'utf8') : git(commonDir, 'rev-parse', '--verify', ref)
}
