import { execFile } from 'node:child_process'
import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { isWorkspaceError, type Workspace, WorkspaceManager } from 'git-task-isolation'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { git } from '../helpers/run-git.js'
import { snapshotTree, type TreeSnapshot } from '../helpers/tree-snapshot.js'
import { type HostileStage, makeHostileStage, STRATEGIES } from './hostile-stage.js'

interface Swap {
  readonly only?: 'clone' | 'worktree'
  readonly does: (place: Place) => Promise<unknown>
  /** Plain git, which is led to somebody else's. Left out where nothing but a verb of the manager's is. */
  readonly control?: (place: Place) => Promise<unknown>
}

/** A task of its own for each swap. */
interface Place {
  readonly stage: HostileStage
  readonly workspace: Workspace
  /** Its `.git` folder, or its registration in the mirror. */
  readonly gitDir: string
  readonly victimGitDir: string
  readonly outside: string
}

const commits = ({ workspace }: Place) => git(workspace.workDir, 'commit', '--allow-empty', '-m', 'x')

async function replaceByLink(path: string, target: string): Promise<void> {
  await rm(path, { recursive: true, force: true })
  await symlink(target, path)
}

const links = (name: string, to: (place: Place) => string) => (place: Place) =>
  replaceByLink(join(place.gitDir, name), to(place))

const victims = (name: string) => (place: Place) => join(place.victimGitDir, name)
const outside = (name: string) => (place: Place) => join(place.outside, name)

async function pipeAt(path: string): Promise<void> {
  await rm(path, { force: true })
  await promisify(execFile)('mkfifo', [path])
}

const SWAPS: Readonly<Record<string, Swap>> = {
  'a .git that is a link to that of another task': {
    does: ({ workspace, stage }) =>
      replaceByLink(join(workspace.workDir, '.git'), join(stage.victim.workDir, '.git')),
    control: commits,
  },
  'a .git file that names another repository': {
    does: async ({ workspace, victimGitDir }) => {
      await rm(join(workspace.workDir, '.git'), { recursive: true })
      await writeFile(join(workspace.workDir, '.git'), `gitdir: ${victimGitDir}\n`)
    },
    control: commits,
  },
  'a .git file that names an armed repository': {
    does: async ({ workspace, stage }) => {
      const armed = join(workspace.rootDir, 'state', 'armed')
      await git(workspace.rootDir, 'clone', '-q', '--no-checkout', stage.upstream.path, armed)
      await git(armed, 'config', 'core.fsmonitor', await stage.sentinels.program('armed-repository'))
      await rm(join(workspace.workDir, '.git'), { recursive: true })
      await writeFile(join(workspace.workDir, '.git'), `gitdir: ${join(armed, '.git')}\n`)
    },
  },
  'a common folder of another task': {
    does: ({ gitDir, victimGitDir }) => writeFile(join(gitDir, 'commondir'), `${victimGitDir}\n`),
    only: 'clone',
    control: (place) => git(place.workspace.workDir, 'tag', 'by-attacker', 'refs/heads/agent/default/victim'),
  },
  'a common folder that is armed': {
    does: async ({ gitDir, workspace, stage }) => {
      const armed = join(workspace.rootDir, 'state', 'armed.git')
      await git(workspace.rootDir, 'clone', '-q', '--bare', stage.upstream.path, armed)
      await git(armed, 'config', 'core.fsmonitor', await stage.sentinels.program('armed-common'))
      await writeFile(join(gitDir, 'commondir'), `${armed}\n`)
    },
    only: 'worktree',
  },
  'refs that are those of another task': {
    does: links('refs', victims('refs')),
    only: 'clone',
    control: (place) => git(place.workspace.workDir, 'update-ref', 'refs/heads/by-attacker', 'origin/main'),
  },
  'a reflog that is a file elsewhere': {
    does: async (place) => {
      await mkdir(join(place.gitDir, 'logs'), { recursive: true })
      await links('logs/HEAD', outside('file'))(place)
    },
    control: commits,
  },
  'a reflog of upstream that is a file elsewhere': {
    does: async (place) => {
      await mkdir(join(place.gitDir, 'logs/refs/remotes/origin'), { recursive: true })
      await links('logs/refs/remotes/origin/main', outside('file'))(place)
    },
    only: 'clone',
    control: (place) =>
      git(place.workspace.workDir, 'update-ref', 'refs/remotes/origin/main', 'origin/theirs'),
  },
  'packed refs that are a file elsewhere': { does: links('packed-refs', outside('file')), only: 'clone' },
  'objects that are a folder elsewhere': {
    does: async (place) => {
      await rm(join(place.outside, 'objects'), { recursive: true, force: true })
      await rename(join(place.gitDir, 'objects'), join(place.outside, 'objects'))
      await symlink(join(place.outside, 'objects'), join(place.gitDir, 'objects'))
    },
    only: 'clone',
    control: commits,
  },
  'an index that is a file elsewhere': { does: links('index', outside('file')) },
  'objects borrowed from another task': {
    does: ({ gitDir, victimGitDir }) =>
      writeFile(join(gitDir, 'objects/info/alternates'), `${victimGitDir}/objects\n`),
    only: 'clone',
  },
  'a registration that is that of another task': {
    does: ({ gitDir, victimGitDir }) => replaceByLink(gitDir, victimGitDir),
    only: 'worktree',
    control: commits,
  },
  'a checkout that is that of another task': {
    does: ({ workspace, stage }) => replaceByLink(workspace.workDir, stage.victim.workDir),
    control: ({ workspace }) => writeFile(join(workspace.workDir, 'README.md'), 'by attacker\n'),
  },
  'an index that is a pipe': { does: ({ gitDir }) => pipeAt(join(gitDir, 'index')) },
  // In a worktree it keeps every git in the mirror waiting: `repairMirror` takes it away.
  'a HEAD that is a pipe': { does: ({ gitDir }) => pipeAt(join(gitDir, 'HEAD')), only: 'clone' },
}

describe.each(STRATEGIES)('in a %s', (strategy) => {
  const cases = Object.entries(SWAPS).filter(([, { only }]) => only === undefined || only === strategy)
  const places = new Map<Place, Swap['does']>()
  let stage: HostileStage

  beforeAll(async () => {
    stage = await makeHostileStage(strategy)
    await upstreamMoves(stage)
  })

  afterAll(() => stage.manager.close())

  test.each(cases)('%s', async (what, { does, control }) => {
    const place = await newPlace(stage, what)
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
    expect(await othersOf(place)).not.toEqual(before)
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
    for (const key of keys) await manager.restore(key).catch(expectTyped)
    for (const key of keys) await manager.finish(key, 'succeeded').catch(expectTyped)
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

function upstreamMoves({ upstream }: HostileStage): Promise<unknown> {
  return upstream.commit('main', { 'later.txt': 'later\n' })
}

async function newPlace(stage: HostileStage, what: string): Promise<Place> {
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
    victimGitDir: await git(stage.victim.workDir, 'rev-parse', '--absolute-git-dir'),
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
    branch: await git(stage.commonDir, 'for-each-ref', `refs/heads/${stage.victim.branch}`),
    outside: await snapshotTree(outside),
  }
}
