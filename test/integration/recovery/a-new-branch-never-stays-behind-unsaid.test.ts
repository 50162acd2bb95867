import { join } from 'node:path'
import { GitError } from 'git-task-isolation'
import { expect, test } from 'vitest'
import { Git, type GitCall, type GitResult } from '../../../src/git/git.js'
import { parseManagerOptions } from '../../../src/model/options.js'
import { parsePrepareRequest } from '../../../src/model/prepare-request.js'
import { openServices } from '../../../src/operations/open-services.js'
import { prepare } from '../../../src/operations/prepare.js'
import { type Outcome, outcomeOf } from '../../helpers/outcome.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { createUpstream, type Upstream } from '../../helpers/upstream.js'

/** A git that cannot check out, and that cannot be started for the first few deletions of a branch. */
class StarvedGit extends Git {
  #deletionsToFail: number

  constructor(deletionsToFail: number) {
    super({ gitTimeoutMs: 60_000 })
    this.#deletionsToFail = deletionsToFail
  }

  override async run(call: GitCall): Promise<GitResult> {
    if (call.args[0] === 'read-tree') throw starved('checkout')
    const isDeletion = call.args[0] === 'update-ref' && call.args.includes('-d')
    if (!isDeletion || this.#deletionsToFail === 0) return super.run(call)
    this.#deletionsToFail -= 1
    throw starved('deletion')
  }
}

function starved(what: string): GitError {
  return new GitError('GIT_FAILED', `injected: no handle for the ${what}`, { retryable: true })
}

test('a branch is deleted as soon as a git can be started again', async () => {
  const { prepared, branches } = await prepareWith(new StarvedGit(3))
  expect(prepared).toMatchObject({ result: 'GIT_FAILED', said: expect.stringContaining('checkout') })
  expect(branches).toEqual(['main'])
})

test('a branch that cannot be deleted at all is named', async () => {
  const { prepared, branches } = await prepareWith(new StarvedGit(Number.POSITIVE_INFINITY))
  expect(prepared.result).toBe('ROLLBACK_INCOMPLETE')
  expect(prepared.said).toContain('branch agent/default/task of ')
  expect(branches).toEqual(['agent/default/task', 'main'])
})

test('a branch that a person has checked out by the time the prepare fails stays theirs', async () => {
  const { prepared, branches } = await prepareWith(new Git({ gitTimeoutMs: 60_000 }), async (upstream) => {
    await upstream.git('symbolic-ref', 'HEAD', 'refs/heads/agent/default/task')
    throw new GitError('GIT_FAILED', 'injected: after the checkout')
  })
  expect(prepared).toMatchObject({ result: 'GIT_FAILED', said: expect.stringContaining('injected') })
  expect(branches).toEqual(['agent/default/task', 'main'])
})

/** In the caller's own repository, where it is git that makes and deletes branches. */
async function prepareWith(
  git: Git,
  beforeFiles?: (upstream: Upstream) => Promise<void>,
): Promise<{ prepared: Outcome; branches: readonly string[] }> {
  const directory = await temporaryDirectory()
  const upstream = await createUpstream(join(directory, 'source'), { bare: false })
  const settings = parseManagerOptions({}, { root: join(directory, 'root'), parallelism: 2 })
  const services = openServices(settings, [], {
    git,
    beforeStep: async (_operation, step) => {
      if (step === 'files') await beforeFiles?.(upstream)
    },
  })
  const request = { envId: 'shop', taskId: 'task', source: upstream.path, strategy: 'worktree' }
  const prepared = await outcomeOf(prepare(services, parsePrepareRequest(request)))
  return { prepared, branches: await upstream.branches() }
}
