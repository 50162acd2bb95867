import { join } from 'node:path'
import { GitError } from 'git-task-isolation'
import { expect, test } from 'vitest'
import { Git, type GitCall, type GitResult } from '../../../src/git/git.js'
import { environmentLayout } from '../../../src/model/layout.js'
import { parseManagerOptions } from '../../../src/model/options.js'
import { parsePrepareRequest } from '../../../src/model/prepare-request.js'
import { openServices } from '../../../src/operations/open-services.js'
import { prepare } from '../../../src/operations/prepare.js'
import { type Outcome, outcomeOf } from '../../helpers/outcome.js'
import { taskTraces } from '../../helpers/task-traces.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { createUpstream } from '../../helpers/upstream.js'

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
  const { prepared, left } = await prepareWith(new StarvedGit(3))
  expect(prepared).toMatchObject({ result: 'GIT_FAILED', said: expect.stringContaining('checkout') })
  expect(left).toEqual([])
})

test('a branch that cannot be deleted at all is named', async () => {
  const { prepared, left } = await prepareWith(new StarvedGit(Number.POSITIVE_INFINITY))
  expect(prepared.result).toBe('ROLLBACK_INCOMPLETE')
  expect(prepared.said).toContain('branch agent/default/task of ')
  expect(left.filter((path) => !path.includes('refs/heads/'))).toEqual([])
})

async function prepareWith(git: Git): Promise<{ prepared: Outcome; left: readonly string[] }> {
  const directory = await temporaryDirectory()
  const source = (await createUpstream(join(directory, 'source'))).url
  const root = join(directory, 'root')
  const services = openServices(parseManagerOptions({}, { root, parallelism: 2 }), [], { git })
  const request = { envId: 'shop', taskId: 'task', source, strategy: 'worktree' }
  const prepared = await outcomeOf(prepare(services, parsePrepareRequest(request)))
  return { prepared, left: await taskTraces(environmentLayout(root, 'shop').directory) }
}
