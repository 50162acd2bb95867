import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { isPresent, namesIn } from '../../../src/fs/presence.js'
import { taskLayout } from '../../../src/model/layout.js'
import { bundleProgram } from '../../helpers/bundle-program.js'
import { outcomeOf } from '../../helpers/outcome.js'
import { git } from '../../helpers/run-git.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { outliveTheMargin } from '../recovery/waiting-git.js'
import { agentCommits, CHECKOUTS, KEY, makeStage, type Stage } from '../verbs/stage.js'

let program: string
beforeAll(async () => {
  program = await bundleProgram(
    join(import.meta.dirname, 'prepare-and-commit-child.ts'),
    await temporaryDirectory(),
  )
})

describe.runIf(process.platform === 'linux')('of a killed git and its killed orchestrator', () => {
  it.each(CHECKOUTS)(
    'the lock goes when the %s is handed out again, as do those it shares',
    async (strategy) => {
      const { stage, workDir, lock } = await killedInACommit(strategy)
      const names = [`${OWN_BRANCH}.lock`, 'packed-refs.lock', 'packed-refs.new', 'config.lock']
      const shared = names.map(async (name) => {
        const path = join(await commonDirOf(workDir), name)
        await leave(path)
        return path
      })
      const locks = [lock, ...(await Promise.all(shared))]
      const workspace = await stage.prepare({ strategy })
      expect(workspace).toMatchObject({ reused: true })
      expect((await Promise.all(locks.map(isPresent))).filter(Boolean)).toEqual([])
      await agentCommits(workspace, 'more.txt')
    },
  )

  it("of a caller's repository only the lock of the task's branch goes, with a sweep or a prepare", async () => {
    const stage = await makeStage({}, { bare: false, name: 'theirs' })
    const request = { strategy: 'worktree', source: stage.upstream.path }
    const workspace = await stage.prepare(request)
    const gitDir = await commonDirOf(workspace.workDir)
    const [own, theirs] = [join(gitDir, `${OWN_BRANCH}.lock`), join(gitDir, 'refs/heads/theirs.lock')]
    for (const lock of [own, theirs, join(gitDir, 'config.lock')]) await leave(lock)
    await stage.manager.sweep()
    expect(await isPresent(own)).toBe(true)
    await disown(stage)
    const removed = { kind: 'temporary', path: own, action: 'remove' }
    expect((await stage.manager.sweep()).decisions).toContainEqual(expect.objectContaining(removed))
    expect(await isPresent(own)).toBe(false)
    await leave(own)
    expect(await stage.prepare(request)).toMatchObject({ reused: true })
    expect(await isPresent(own)).toBe(false)
    expect([await isPresent(theirs), await isPresent(join(gitDir, 'config.lock'))]).toEqual([true, true])
  })

  it.each(CHECKOUTS)('the lock in a %s goes with a sweep, as does a pack of a clone', async (strategy) => {
    const { stage, lock, workDir } = await killedInACommit(strategy)
    const pack = join(workDir, '.git/objects/pack/tmp_pack_AbCdEf')
    if (strategy === 'clone') await leave(pack)
    expect((await stage.manager.sweep({ dryRun: true })).decisions).toContainEqual(
      expect.objectContaining({ kind: 'temporary', path: lock, action: 'remove' }),
    )
    expect(await stage.manager.sweep()).toMatchObject({ failed: 0 })
    expect([await isPresent(lock), await isPresent(pack)]).toEqual([false, false])
    expect(await isPresent(join(workDir, 'new.txt'))).toBe(true)
  })

  it.each(CHECKOUTS)('the lock in a %s stays while another git is at work there', async (strategy) => {
    const { stage, lock, workDir } = await killedInACommit(strategy, waitingGitIn)
    await stage.manager.sweep()
    await stage.prepare({ strategy })
    expect(await isPresent(lock)).toBe(true)
    expect(await isPresent(join(workDir, 'new.txt'))).toBe(true)
  })

  it('nothing is removed through a link at the git dir or a folder of it', async () => {
    const { stage, workDir } = await killedInACommit('clone')
    const graph = join(workDir, '.git/objects/info/commit-graphs/tmp_graph_AbCdEf')
    await leave(graph)
    for (const name of ['.git/objects/info', '.git/objects', '.git']) {
      const elsewhere = join(await temporaryDirectory(), 'elsewhere')
      await rename(join(workDir, name), elsewhere)
      await symlink(elsewhere, join(workDir, name))
      const before = await namesIn(elsewhere)
      await stage.manager.sweep()
      await outcomeOf(stage.prepare({ strategy: 'clone' }))
      expect(await namesIn(elsewhere), name).toEqual(before)
      expect(await isPresent(graph), name).toBe(true)
      await rm(join(workDir, name))
      await rename(elsewhere, join(workDir, name))
      await disown(stage)
    }
    // The control: it goes where no link leads to it.
    await stage.manager.sweep()
    expect(await isPresent(graph)).toBe(false)
  })
})

const OWN_BRANCH = 'refs/heads/agent/default/task-1'

const commonDirOf = (workDir: string) =>
  git(workDir, 'rev-parse', '--path-format=absolute', '--git-common-dir')

async function leave(lock: string): Promise<void> {
  await mkdir(dirname(lock), { recursive: true })
  await writeFile(lock, '')
}

/** As if the process that prepared the workspace were gone. */
async function disown({ layout }: Stage): Promise<void> {
  const file = join(layout.sessionsDir, 'task-1.json')
  const record: { owner: object } = JSON.parse(await readFile(file, 'utf8'))
  const owner = { ...record.owner, pid: 2 ** 22 + 1, processStart: '1', id: 'one-that-is-gone' }
  await writeFile(file, JSON.stringify({ ...record, owner }))
}

interface Left {
  readonly stage: Stage
  readonly workDir: string
  readonly lock: string
}

async function killedInACommit(
  strategy: (typeof CHECKOUTS)[number],
  before: (workDir: string) => Promise<void> = () => Promise.resolve(),
): Promise<Left> {
  const stage = await makeStage()
  const { workDir } = taskLayout(stage.root, KEY)
  const child = spawn(process.execPath, [program, stage.root, stage.upstream.url, strategy], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => kill(child))
  const [said] = await once(child.stdout, 'data')
  const gitDir = await git(workDir, 'rev-parse', '--absolute-git-dir')
  const lock = join(gitDir, 'index.lock')
  await expect.poll(() => isPresent(join(gitDir, 'COMMIT_EDITMSG')), { timeout: 20_000 }).toBe(true)
  expect(await isPresent(lock)).toBe(true)
  await before(workDir)
  process.kill(Number(said), 'SIGKILL')
  await kill(child)
  await outliveTheMargin(lock)
  return { stage, workDir, lock }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

/** A git that has been there for as long as the lock, and may have made it. */
async function waitingGitIn(workDir: string): Promise<void> {
  const child = spawn('git', ['update-ref', '--stdin'], { cwd: workDir, stdio: ['pipe', 'pipe', 'ignore'] })
  onTestFinished(() => kill(child))
  child.stdin.write('start\n')
  await once(child.stdout, 'data')
}
