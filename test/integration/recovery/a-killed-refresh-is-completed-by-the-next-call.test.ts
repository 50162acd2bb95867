import { link, mkdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workspace } from 'git-task-isolation'
import { expect, test } from 'vitest'
import { GitError } from '../../../src/errors/workspace-error.js'
import { Git, type GitCall, type GitResult } from '../../../src/git/git.js'
import { parseManagerOptions } from '../../../src/model/options.js'
import type { RefreshOptions } from '../../../src/model/reports.js'
import { openServices } from '../../../src/operations/open-services.js'
import { refresh } from '../../../src/operations/refresh.js'
import { git } from '../../helpers/run-git.js'
import { CHECKOUTS, type CrashStage, createCrashStage } from './crash-stage.js'

const KEY = { envId: 'shop', taskId: 'task' }

/** Changed, kept, folders in a file's place, one of them without its files yet, and files in a folder's. */
const OLD = {
  'changed.txt': 'old\n',
  'also.txt': 'old\n',
  turned: 'old\n',
  opened: 'old\n',
  'folder/a': 'old\n',
  'folder/b': 'old\n',
  'whole/c': 'old\n',
}
const NEW = {
  ...{ 'changed.txt': 'new\n', 'also.txt': 'new, and longer\n', 'more.txt': 'new\n', 'most.txt': 'new\n' },
  ...{ 'turned/in.txt': 'new\n', 'opened/in.txt': 'new\n', folder: 'new\n', whole: 'new\n' },
}

/** A git that is ended in the midst of writing the files of a refresh. */
class KilledGit extends Git {
  override async run(call: GitCall): Promise<GitResult> {
    const [verb, , , before, after] = call.args
    const isWriting = verb === 'read-tree' && before !== '--dry-run' && after !== undefined
    if (!isWriting || call.workTree === undefined) return super.run(call)
    await this.#writeSome(call, call.workTree, after)
    throw new GitError('GIT_TIMEOUT', 'it was killed')
  }

  async #writeSome(call: GitCall, workTree: string, after: string): Promise<void> {
    for (const name of ['folder/a', 'whole', 'turned', 'opened', 'also.txt'])
      await rm(join(workTree, name), { recursive: true })
    await mkdir(join(workTree, 'opened'))
    const place = { ...call, indexFile: `${call.indexFile}-of-some` }
    await super.run({ ...place, args: ['read-tree', '-i', '-m', after] })
    const names = ['turned/in.txt', 'also.txt', 'more.txt', 'whole']
    await super.run({ ...place, args: ['checkout-index', '--', ...names] })
    await truncate(join(workTree, 'also.txt'), 5)
  }
}

interface KillStage extends CrashStage {
  readonly workspace: Workspace
  readonly before: string
  readonly after: string
}

async function makeStage(checkout: (typeof CHECKOUTS)[number], agent = noWork): Promise<KillStage> {
  const stage = await createCrashStage(checkout)
  await stage.upstream.commit('main', OLD)
  const workspace = await stage.prepare()
  await agent(workspace)
  const before = await head(workspace)
  return { ...stage, workspace, before, after: await stage.upstream.commit('main', NEW) }
}

async function noWork(_: Workspace): Promise<void> {
  // A checkout as it was made.
}

async function commitMine({ workDir }: Workspace): Promise<void> {
  await writeFile(join(workDir, 'mine.txt'), 'mine\n')
  await git(workDir, 'add', 'mine.txt')
  await git(workDir, 'commit', '--quiet', '-m', 'Mine')
}

const head = ({ workDir }: Workspace) => git(workDir, 'rev-parse', 'HEAD')
const status = ({ workDir }: Workspace) => git(workDir, 'status', '--porcelain')

async function kill({ root }: CrashStage, options: RefreshOptions = {}): Promise<void> {
  const killed = { git: new KilledGit({ gitTimeoutMs: 60_000 }) }
  const services = openServices(parseManagerOptions({}, { root, parallelism: 2 }), [], killed)
  await expect(refresh(services, KEY, options)).rejects.toMatchObject({ code: 'GIT_TIMEOUT' })
}

/** All is as after a refresh that was not killed, and the note is gone. */
async function expectRefreshed({ workspace, manager, after }: KillStage): Promise<void> {
  expect(await git(workspace.workDir, 'merge-base', 'HEAD', after)).toBe(after)
  expect(await status(workspace)).toBe('')
  expect(await manager.get(KEY)).toMatchObject({ base: { commit: after } })
  expect((await manager.get(KEY))?.session.refreshing).toBeUndefined()
  expect(await manager.refresh(KEY)).toMatchObject({ action: 'up-to-date' })
}

const CALLS = {
  refresh: ({ manager }: KillStage) => manager.refresh(KEY),
  doctor: ({ manager }: KillStage) => manager.doctor({ mode: 'fix' }),
  prepare: async ({ workspace, prepare }: KillStage) => {
    await workspace.finish('succeeded')
    return prepare()
  },
}

const [CLONE, WORKTREE, CALLERS] = CHECKOUTS

test.each([
  { checkout: CLONE, call: 'refresh' },
  { checkout: WORKTREE, call: 'doctor' },
  { checkout: CALLERS, call: 'prepare' },
] as const)('one of $checkout.name, ended while git writes, is completed by a $call', async (row) => {
  const stage = await makeStage(row.checkout)
  await kill(stage)
  expect(await status(stage.workspace)).not.toBe('')
  await CALLS[row.call](stage)
  await expectRefreshed(stage)
  expect(await head(stage.workspace)).toBe(stage.after)
})

test('what a cleanup archives is none of the files that were half written', async () => {
  const stage = await makeStage(WORKTREE)
  await kill(stage)
  const told: unknown[] = []
  stage.manager.on('workspace.refreshed', (event) => told.push(event))
  const plan = await stage.manager.cleanup(KEY, { dryRun: true })
  expect(plan).toMatchObject({ action: 'removed', reason: expect.stringContaining('killed') })
  expect(await stage.manager.cleanup(KEY)).toMatchObject({ action: 'removed', archive: undefined })
  expect(told).toMatchObject([{ before: stage.before, after: stage.after, mode: 'completed' }])
})

test('a cleanup archives them where the refresh cannot be completed, and says so', async () => {
  const stage = await makeStage(CLONE, commitMine)
  await kill(stage, { mode: 'rebase' })
  await link(join(stage.workspace.workDir, '.git/logs/HEAD'), join(stage.root, 'a-second-name'))
  const warned: unknown[] = []
  stage.manager.on('warning', (event) => warned.push(event))
  const contains = { unstaged: expect.any(Number) }
  expect(await stage.manager.cleanup(KEY)).toMatchObject({ action: 'removed', archive: { contains } })
  expect(warned).toContainEqual(expect.objectContaining({ code: 'TAMPERED' }))
})

test('a commit that git does not check out leaves nothing to be completed', async () => {
  const stage = await makeStage(CLONE)
  await stage.upstream.commit('main', { 'git~1': 'no name that git takes\n' })
  await expect(stage.manager.refresh(KEY)).rejects.toMatchObject({ code: 'GIT_FAILED' })
  await stage.workspace.finish('succeeded')
  await expect(stage.prepare()).resolves.toMatchObject({ reused: true })
})

test.each([CLONE, WORKTREE])('one of $name that replays commits is completed as well', async (checkout) => {
  const stage = await makeStage(checkout, commitMine)
  await kill(stage, { mode: 'rebase' })
  await stage.manager.sweep()
  await expectRefreshed(stage)
  expect(await readFile(join(stage.workspace.workDir, 'mine.txt'), 'utf8')).toBe('mine\n')
})

test.each([
  { what: 'a file that the agent has changed', checkout: WORKTREE, change: writeMine },
  { what: 'a staged file', checkout: CLONE, change: stageMine },
  { what: 'a new commit that is lost', checkout: CLONE, change: collectGarbage },
] as const)('$what is left in $checkout.name, and all else', async ({ checkout, change }) => {
  const stage = await makeStage(checkout, commitMine)
  const { workspace, manager, before } = stage
  await kill(stage, { mode: 'rebase' })
  await change(workspace)
  const left = await status(workspace)
  await manager.sweep()
  expect([await status(workspace), await head(workspace)]).toEqual([left, before])
  expect((await manager.get(KEY))?.session.refreshing).toBeUndefined()
})

async function writeMine({ workDir }: Workspace): Promise<void> {
  await writeFile(join(workDir, 'changed.txt'), 'mine\n')
}

async function stageMine({ workDir }: Workspace): Promise<void> {
  await git(workDir, 'add', 'more.txt')
}

async function collectGarbage({ workDir }: Workspace): Promise<void> {
  await git(workDir, 'prune', '--expire=now')
}

test('a worktree is whole whichever step comes no more', async () => {
  const stage = await makeStage(WORKTREE)
  for (const step of ['write', 'record']) {
    const after = await stage.upstream.commit('main', { 'step.txt': `${step}\n` })
    expect(await stage.crash({ verb: 'refresh', operation: 'refresh', step })).toBe('killed')
    await stage.manager.sweep()
    await expectRefreshed({ ...stage, after })
  }
})
