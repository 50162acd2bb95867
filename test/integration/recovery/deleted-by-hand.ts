import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { isWorkspaceError, type Workspace, type WorkspaceError, WorkspaceManager } from 'git-task-isolation'
import { expect, onTestFinished } from 'vitest'
import { environmentLayout, taskLayout } from '../../../src/model/layout.js'
import { registrationName, registrationPath } from '../../../src/strategies/worktree-registration.js'
import { git, tryGit } from '../../helpers/run-git.js'
import { runProgram } from '../../helpers/run-program.js'
import { taskTraces } from '../../helpers/task-traces.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { createUpstream } from '../../helpers/upstream.js'

/** What of a workspace somebody may delete; a clone has no registration. */
const THINGS = ['directory', 'record', 'registration', 'mirror'] as const
export type Thing = (typeof THINGS)[number]

/** What an agent has done in it: nothing, a commit that it pushed, one that it did not push. */
export const WORK = ['nothing', 'pushed', 'unpushed'] as const
export type Work = (typeof WORK)[number]

export const STRATEGIES = ['clone', 'worktree'] as const
export type Strategy = (typeof STRATEGIES)[number]

/** Every way to delete something of a workspace. */
export function combinations(strategy: Strategy): (readonly Thing[])[] {
  const things = THINGS.filter((thing) => strategy === 'worktree' || thing !== 'registration')
  const numbers = Array.from({ length: 2 ** things.length - 1 }, (_, index) => index + 1)
  return numbers.map((number) => things.filter((_, bit) => (number & (1 << bit)) !== 0))
}

export interface HandStage {
  readonly manager: WorkspaceManager
  prepare(): Promise<Workspace>
  cleanup(): ReturnType<WorkspaceManager['cleanup']>
  /** The directory, the branch and the registration of the task, as far as they are there. */
  traces(): Promise<string[]>
  /** Fails the test when a commit that was still there has been lost, or something is left that nothing tells of. */
  expectNothingLost(): Promise<void>
}

const KEY = { envId: 'shop', taskId: 'task' } as const

/** A workspace in which an agent has worked, to be deleted from again and again. */
export class HandTemplate {
  readonly #directory: string
  readonly #live: string
  readonly #strategy: Strategy
  readonly #commit: string | undefined

  private constructor(directory: string, strategy: Strategy, commit: string | undefined) {
    this.#directory = directory
    this.#live = liveIn(directory)
    this.#strategy = strategy
    this.#commit = commit
  }

  static async make(strategy: Strategy, work: Work): Promise<HandTemplate> {
    const directory = await temporaryDirectory()
    const live = liveIn(directory)
    const upstream = await createUpstream(join(live, 'source'))
    const manager = new WorkspaceManager({ root: join(live, 'root') })
    const { workDir } = await manager.prepare({ ...KEY, strategy, source: upstream.url })
    const commit = await doWork(workDir, work)
    await manager.close()
    await rename(live, join(directory, 'template'))
    return new HandTemplate(directory, strategy, commit)
  }

  /** The workspace in its own place, without what was deleted. Paths in it are absolute, so there is one at a time. */
  async without(gone: readonly Thing[]): Promise<HandStage> {
    await rm(this.#live, { recursive: true, force: true })
    const copied = await runProgram('cp', ['-a', join(this.#directory, 'template'), this.#live])
    expect(copied).toMatchObject({ code: 0 })
    const root = join(this.#live, 'root')
    for (const thing of gone) await rm(placeOf(thing, root), { recursive: true })
    return this.#stage(root, await holdersOf(root, this.#commit))
  }

  #stage(root: string, holders: readonly string[]): HandStage {
    // What would be lost is named, and not put away where this does not look.
    const manager = new WorkspaceManager({ root, onUnsavedWork: 'refuse' })
    onTestFinished(() => manager.close())
    const source = `file://${join(this.#live, 'source')}`
    return {
      manager,
      prepare: () => manager.prepare({ ...KEY, strategy: this.#strategy, source }),
      cleanup: () => manager.cleanup(KEY),
      traces: () => taskTraces(environmentLayout(root, KEY.envId).directory),
      expectNothingLost: async () => {
        if (holders.length > 0) expect(await holdersOf(root, this.#commit)).not.toEqual([])
        await expectTold(manager, root)
      },
    }
  }
}

function liveIn(directory: string): string {
  return join(directory, 'live')
}

async function doWork(workDir: string, work: Work): Promise<string | undefined> {
  if (work === 'nothing') return undefined
  await git(workDir, 'commit', '--quiet', '--allow-empty', '-m', 'Work of the agent')
  if (work === 'pushed') await git(workDir, 'push', '--quiet', 'origin', 'HEAD')
  return git(workDir, 'rev-parse', 'HEAD')
}

function placeOf(thing: Thing, root: string): string {
  const { mirrorDir, sessionsDir } = environmentLayout(root, KEY.envId)
  const { rootDir, workDir } = taskLayout(root, KEY)
  return {
    directory: rootDir,
    record: join(sessionsDir, 'task.json'),
    registration: registrationPath(mirrorDir, registrationName(workDir)),
    mirror: mirrorDir,
  }[thing]
}

/** The refs that reach a commit, in the mirror and in the checkout's own repository. */
async function holdersOf(root: string, commit: string | undefined): Promise<string[]> {
  if (commit === undefined) return []
  const repositories = [placeOf('mirror', root), join(taskLayout(root, KEY).workDir, '.git')]
  const lists = await Promise.all(
    repositories.map((gitDir) =>
      tryGit(root, `--git-dir=${gitDir}`, 'for-each-ref', '--contains', commit, '--format=%(refname)'),
    ),
  )
  return lists.flatMap(({ stdout }) => stdout.split('\n').filter((ref) => ref !== ''))
}

/** A directory or a registration that has no record is told of by a sweep, which says why it leaves it. */
async function expectTold(manager: WorkspaceManager, root: string): Promise<void> {
  if ((await manager.list()).length > 0) return
  const { directory } = environmentLayout(root, KEY.envId)
  const left = (await taskTraces(directory)).filter((path) => /^tasks\/|\/worktrees\//.test(path))
  const { decisions } = await manager.sweep({ dryRun: true })
  const told = decisions.map(({ path }) => path)
  expect(told).toEqual(expect.arrayContaining(left.map((path) => join(directory, path))))
}

/** The error that a call was refused with, or its result. Anything but an error of this package fails the test. */
export async function settled<Result>(call: Promise<Result>): Promise<Result | WorkspaceError> {
  return call.catch((error: unknown) => {
    if (isWorkspaceError(error)) return error
    throw error
  })
}

/** What errors call the things; where only a branch is left, it is the branch. */
const NAMES: Readonly<Record<Thing, RegExp>> = {
  directory: /checkout/,
  record: /record|of the repository/,
  registration: /registration|registered|worktrees\//,
  mirror: /mirror/,
}

/** Fails the test unless the error names a thing that was deleted, or the commits that stand in the way. */
export function expectNamed(error: WorkspaceError, gone: readonly Thing[]): void {
  const { workDir: _, ...data } = error.data
  const said = `${error.message} ${JSON.stringify(data)}`
  const names = gone.map((thing) => NAMES[thing].source)
  expect(said).toMatch(new RegExp([...names, 'commits?":\\["[0-9a-f]'].join('|')))
}
