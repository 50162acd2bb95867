import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GitError } from 'git-task-isolation'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { Git, type GitCall, type GitResult } from '../../../src/git/git.js'
import { taskLayout } from '../../../src/model/layout.js'
import { parseManagerOptions } from '../../../src/model/options.js'
import { parsePrepareRequest } from '../../../src/model/prepare-request.js'
import { openServices } from '../../../src/operations/open-services.js'
import { prepare } from '../../../src/operations/prepare.js'
import type { Services } from '../../../src/operations/services.js'
import { sweep } from '../../../src/operations/sweep.js'
import { outcomeOf } from '../../helpers/outcome.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { createUpstream, type Upstream } from '../../helpers/upstream.js'

/** A git that can neither check out nor delete a branch while it is ill. */
class IllGit extends Git {
  isIll = true

  override async run(call: GitCall): Promise<GitResult> {
    const isDeletion = call.args[0] === 'update-ref' && call.args.includes('-d')
    if (this.isIll && (call.args[0] === 'read-tree' || isDeletion))
      throw new GitError('GIT_FAILED', `injected: ${call.args[0]}`)
    return super.run(call)
  }
}

const KEY = { envId: 'shop', taskId: 'task' }

let git: IllGit
let services: Services
let upstream: Upstream
let released: number
beforeEach(async () => {
  const directory = await temporaryDirectory()
  git = new IllGit({ gitTimeoutMs: 60_000 })
  // In the caller's own repository it is git that makes and deletes branches.
  upstream = await createUpstream(join(directory, 'source'), { bare: false })
  const settings = parseManagerOptions({}, { root: join(directory, 'root'), parallelism: 2 })
  services = openServices(settings, [], { git })
  released = 0
  services.events.on('session.released', () => {
    released += 1
  })
  onTestFinished(() => services.lease.close())
})

const prepareTask = () =>
  outcomeOf(prepare(services, parsePrepareRequest({ ...KEY, source: upstream.path, strategy: 'worktree' })))

test('its record is kept, and the next prepare undoes the rest', async () => {
  expect((await prepareTask()).result).toBe('ROLLBACK_INCOMPLETE')
  expect(await services.store.read(KEY)).toMatchObject({ state: 'preparing', branch: 'agent/default/task' })
  expect(released).toBe(0)
  git.isIll = false
  expect(await prepareTask()).toEqual({ result: 'done', said: '' })
  expect(await services.store.read(KEY)).toMatchObject({ state: 'ready', branch: 'agent/default/task' })
})

test('a sweep of the same process undoes it, since no verb is at work on it', async () => {
  await prepareTask()
  git.isIll = false
  const { decisions } = await sweep(services, {})
  expect(decisions).toContainEqual(
    expect.objectContaining({
      action: 'remove',
      reason: 'its prepare never ended: nobody is at work on it',
    }),
  )
  expect(await upstream.branches()).toEqual(['main'])
  expect(await services.store.read(KEY)).toBeUndefined()
})

test('a sweep leaves a prepare alone that is at work', async () => {
  git.isIll = false
  let reasons: string[] = []
  const beforeStep: Services['beforeStep'] = async (_operation, step) => {
    if (step !== 'files') return
    reasons = (await sweep(services, {})).decisions.map(({ reason }) => reason)
  }
  const request = parsePrepareRequest({ ...KEY, source: upstream.path, strategy: 'worktree' })
  await prepare({ ...services, beforeStep }, request)
  expect(reasons).toEqual([expect.stringMatching(/^it is preparing, and its owner lives/)])
})

test('of folders that were made before the next one could not be, none is left', async () => {
  const { rootDir, logsDir } = taskLayout(services.settings.root, KEY)
  await mkdir(rootDir, { recursive: true })
  await writeFile(logsDir, 'no folder')
  const outcome = await outcomeOf(prepare(services, parsePrepareRequest({ ...KEY, strategy: 'directory' })))
  expect(outcome.result).toBe('TAMPERED')
  expect(await readdir(rootDir)).toEqual(['logs'])
  expect(await services.store.read(KEY)).toBeUndefined()
})
