import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { isPresent } from '../../../src/fs/presence.js'
import { Git, type GitCall, type GitResult } from '../../../src/git/git.js'
import { buildStage, type Stage } from '../../../src/strategies/contract-stage.js'
import type { CreateRequest } from '../../../src/strategies/strategy.js'
import { worktreeStrategy } from '../../../src/strategies/worktree.js'

let stage: Stage

beforeAll(async () => {
  stage = await buildStage()
})

afterAll(async () => {
  await stage.git.close()
  await stage.clear()
})

/** Lets one command begin only when something has happened. */
class HeldGit extends Git {
  readonly #command: string
  readonly #until: (call: GitCall) => Promise<unknown>
  readonly began: Promise<unknown>
  #begin: (call: GitCall) => void = () => undefined

  constructor(command: string, until: (call: GitCall, git: HeldGit) => Promise<unknown>) {
    super({ gitTimeoutMs: 60_000 })
    this.#command = command
    this.#until = (call) => until(call, this)
    this.began = new Promise((resolve) => {
      this.#begin = resolve
    })
  }

  override async run(call: GitCall): Promise<GitResult> {
    if (call.args[0] === 'read-tree') this.#begin(call)
    if (call.args[0] === this.#command) await this.#until(call)
    return super.run(call)
  }
}

const requestOf = (name: string, changes?: Partial<CreateRequest>) =>
  stage.request(name, { ...changes, indexFile: join(stage.directory, `${name}-index`) })

test('the files do not wait for the registration', async () => {
  const git = new HeldGit('symbolic-ref', (_call, held) => held.began)
  const request = await requestOf('linked')
  await worktreeStrategy(git, 'by git').create(request)
  const { stdout } = await git.run({ args: ['status', '--porcelain'], cwd: request.workDir })
  expect(stdout).toBe('')
})

test('nothing is written for a branch that was taken meanwhile, and nothing of it stays', async () => {
  const ended = ({ signal }: GitCall) =>
    new Promise<unknown>((resolve) => {
      if (signal?.aborted) resolve(signal)
      signal?.addEventListener('abort', resolve, { once: true })
    })
  const git = new HeldGit('read-tree', ended)
  const request = await requestOf('taken')
  const branch = 'refs/heads/task/taken'
  const { gitDir } = stage.repository
  await stage.git.run({ args: ['update-ref', branch, stage.commit], gitDir })
  await expect(worktreeStrategy(git).create(request)).rejects.toMatchObject({ code: 'BRANCH_TAKEN' })
  expect(await isPresent(request.workDir)).toBe(false)
  expect(await stage.git.commits(gitDir, [branch])).toEqual([stage.commit])
})

test.each([
  ['somebody made meanwhile', 'made'],
  ['is checked out elsewhere and has no reflog', 'used'],
] as const)('a branch that %s stays, also where git is stopped before it calls it taken', async (_, name) => {
  const stopped = new AbortController()
  const git = new HeldGit('update-ref', async () => stopped.abort())
  const request = await requestOf(name, { signal: stopped.signal })
  const branch = `refs/heads/task/${name}`
  const { gitDir } = stage.repository
  const made = ['update-ref', '--create-reflog', '-m', 'branch: Created from main', branch, stage.commit]
  if (name === 'made') await stage.git.run({ args: made, gitDir })
  else {
    await worktreeStrategy(stage.git).create(await requestOf('user', { branch: `task/${name}` }))
    await rm(join(gitDir, 'logs', branch))
  }
  await expect(worktreeStrategy(git).create(request)).rejects.toMatchObject({ code: 'ABORTED' })
  expect(await stage.git.commits(gitDir, [branch])).toEqual([stage.commit])
})
