import { lstatSync, readdirSync, readFileSync } from 'node:fs'
import { link, lstat, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isWorkspaceError, WorkspaceManager } from 'git-task-isolation'
import { beforeAll, describe, expect, test } from 'vitest'
import { environmentLayout, taskLayout } from '../../src/model/layout.js'
import { registrationName } from '../../src/strategies/worktree-registration.js'
import { copyTree } from '../helpers/copy-tree.js'
import { git } from '../helpers/run-git.js'
import { temporaryDirectory } from '../helpers/temporary.js'
import { createUpstream, type Upstream } from '../helpers/upstream.js'
import { STRATEGIES, type StrategyName } from './hostile-stage.js'
import { type LinkKind, PLACES, type Place } from './places.js'

const KEY = { envId: 'shop', taskId: 'task' } as const
const LATER_MS = 60 * 86_400_000

/** Upstream moves once: whichever verb gets there first fetches that, and none after it has anything to fetch. */
const FRESHNESS = { mode: 'prefer', maxAgeMs: 3_600_000 } as const

interface Stage {
  readonly strategy: StrategyName
  readonly upstream: Upstream
  readonly manager: WorkspaceManager
}

/** In this order; each is called though those before it were refused, and after the place was replaced again. */
const VERBS: Readonly<Record<string, (stage: Stage) => Promise<unknown>>> = {
  'usage and lists': ({ manager }) =>
    Promise.all([manager.diskUsage(), manager.get(KEY), manager.list(), manager.archives()]),
  'prepare of the same task': (stage) => prepare(stage),
  'prepare of another task': (stage) => prepare(stage, 'other'),
  refresh: ({ manager }) => manager.refresh(KEY, { mode: 'rebase' }),
  finish: ({ manager }) => manager.finish(KEY, 'succeeded'),
  'cleanup that archives and keeps artifacts': ({ manager }) => manager.cleanup(KEY, { keep: 'artifacts' }),
  'prepare anew': (stage) => prepare(stage),
  'cleanup that discards': ({ manager }) => manager.cleanup(KEY, { onUnsavedWork: 'discard' }),
  restore: ({ manager }) => manager.restore(KEY),
  sweep: ({ manager }) => manager.sweep({ now: new Date(Date.now() + LATER_MS) }),
}

describe.each(STRATEGIES)('with a %s', (strategy) => {
  let directory: string
  let upstream: Upstream

  beforeAll(async () => {
    directory = await temporaryDirectory()
    upstream = await createUpstream(join(directory, 'upstream.git'))
    await fill({ strategy, upstream, manager: open(directory) })
    await rename(join(directory, 'root'), join(directory, 'template'))
    await upstream.commit('main', { 'later.txt': 'later\n' })
  })

  for (const place of PLACES.filter(({ only }) => only === strategy)) {
    const what = place.paths.length === 1 ? place.paths[0] : `each of ${place.paths.length} ${place.is}s`
    test.each(place.kinds)(`${what} as a %s leads to nothing outside`, (kind) => leadsNowhere(place, kind))
  }

  async function leadsNowhere(place: Place, kind: LinkKind): Promise<void> {
    const outside = join(directory, 'outside')
    for (const folder of [join(directory, 'root'), outside])
      await rm(folder, { recursive: true, force: true })
    await copyTree(join(directory, 'template'), join(directory, 'root'))
    await mkdir(outside)
    const manager = open(directory)
    try {
      for (const [verb, does] of Object.entries(VERBS)) {
        for (const path of place.paths) await replace(pathOf(manager.root, path), { ...place, kind, outside })
        const before = contentOf(outside)
        await does({ strategy, upstream, manager }).catch(expectTyped)
        expect(contentOf(outside), verb).toEqual(before)
      }
      const last = contentOf(outside)
      await manager.close()
      expect(contentOf(outside), 'close').toEqual(last)
      expect(Object.keys(last).length > 0).toBe(kind !== 'link to nothing')
    } finally {
      await manager.close()
    }
  }
})

function open(directory: string): WorkspaceManager {
  const limits = { gitTimeoutMs: 10_000, lockTimeoutMs: 100, freshness: FRESHNESS }
  return new WorkspaceManager({ root: join(directory, 'root'), ...limits })
}

/** An archive, and a task with all kinds of work whose owner is gone, so that it is adopted. */
async function fill(stage: Stage): Promise<void> {
  const gone = await prepare(stage, 'gone')
  await writeFile(join(gone.workDir, 'work.txt'), 'work\n')
  await gone.cleanup()
  const { workDir, session } = await prepare(stage)
  await git(workDir, 'commit', '--quiet', '--allow-empty', '-m', 'Work')
  await writeFile(join(workDir, 'untracked.txt'), 'untracked\n')
  await stage.manager.close()
  const { sessionsDir, mirrorDir } = environmentLayout(stage.manager.root, KEY.envId)
  await edit(join(sessionsDir, 'task.json'), (record) =>
    record.replaceAll(session.owner.id, 'somebody-who-is-gone').replace(/"pid": \d+/, '"pid": 1'),
  )
  await edit(join(mirrorDir, 'git-task-state.json'), (state) =>
    state.replace(/"fetchedAt":\s*"\d+/, '"fetchedAt": "2001'),
  )
}

async function edit(file: string, change: (content: string) => string): Promise<void> {
  const content = await readFile(file, 'utf8')
  expect(change(content)).not.toBe(content)
  await writeFile(file, change(content))
}

let issues = 0
function prepare({ manager, upstream, strategy }: Stage, taskId: string = KEY.taskId) {
  // Written anew every time, since what has its content already is left as it is.
  issues += 1
  return manager.prepare({
    envId: KEY.envId,
    taskId,
    strategy,
    source: upstream.url,
    baseRef: 'main',
    context: { issueTitle: `Issue ${issues}` },
    taskFiles: { 'deep/client.json': { issue: issues } },
    credentials: { token: `token-${issues}`, host: 'h.invalid' },
  })
}

function pathOf(root: string, path: string): string {
  const registration = registrationName(taskLayout(root, KEY).workDir)
  const name = path.replaceAll('{task}', KEY.taskId).replaceAll('{registration}', registration)
  return join(environmentLayout(root, KEY.envId).directory, name)
}

interface Replacement extends Pick<Place, 'is'> {
  readonly kind: LinkKind
  readonly outside: string
}

/** Moves what is there to the outside, so that a link leads to all that a verb expects. Nothing where it is done. */
async function replace(path: string, { is, kind, outside }: Replacement): Promise<void> {
  const found = await lstat(path).catch(absent)
  const isDone = kind === 'hard link' ? (found?.nlink ?? 0) > 1 : found?.isSymbolicLink()
  if (isDone || !(await lstat(dirname(path)).catch(absent))?.isDirectory()) return
  const target = join(outside, `${readdirSync(outside).length}`)
  if (kind === 'link to nothing') {
    await rm(path, { recursive: true, force: true })
    return symlink(`${target}-absent`, path)
  }
  if (found !== undefined) await rename(path, target)
  else if (is === 'folder') await mkdir(target)
  if (is === 'folder') await writeFile(join(target, 'of-somebody-else'), '', { mode: 0o644 })
  else if (found === undefined) await writeFile(target, 'of somebody else\n', { mode: 0o644 })
  await (kind === 'link' ? symlink(target, path) : link(target, path))
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTDIR') throw error
}

/** Mode and bytes of everything; many are looked at many times, so that nothing is waited for. */
function contentOf(directory: string): Record<string, string> {
  const paths = readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort()
  const entries = paths.map((path) => {
    const found = lstatSync(join(directory, path))
    const bytes = found.isFile() ? readFileSync(join(directory, path), 'latin1') : ''
    return [path, `${found.mode.toString(8)} ${bytes}`] as const
  })
  return Object.fromEntries(entries)
}

function expectTyped(error: unknown): void {
  if (!isWorkspaceError(error)) throw error
}
