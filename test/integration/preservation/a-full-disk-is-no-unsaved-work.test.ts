import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { gitFailure } from '../../../src/git/failure.js'
import { Git, type GitCall, type GitResult } from '../../../src/git/git.js'
import { parseManagerOptions } from '../../../src/model/options.js'
import { parsePrepareRequest } from '../../../src/model/prepare-request.js'
import { cleanup } from '../../../src/operations/cleanup.js'
import { openServices } from '../../../src/operations/open-services.js'
import { prepare } from '../../../src/operations/prepare.js'
import { outcomeOf } from '../../helpers/outcome.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { createUpstream } from '../../helpers/upstream.js'

/** A git that has no room for the files that it writes when it looks at a tree. */
class FullGit extends Git {
  isFull = false
  refused = 0

  override async run(call: GitCall): Promise<GitResult> {
    if (!this.isFull || call.workTree === undefined) return super.run(call)
    this.refused += 1
    const stderr = "fatal: Unable to create 'index.lock': No space left on device\n"
    throw gitFailure({ command: `git ${call.args[0]}`, code: 128, signal: null, stderr })
  }
}

const KEY = { envId: 'shop', taskId: 'task' }

test('a cleanup that finds the disk full says so, and can be repeated', async () => {
  const directory = await temporaryDirectory()
  const upstream = await createUpstream(join(directory, 'source'))
  const git = new FullGit({ gitTimeoutMs: 60_000 })
  const settings = parseManagerOptions({}, { root: join(directory, 'root'), parallelism: 2 })
  const services = openServices(settings, [], { git })
  onTestFinished(() => services.deletions.close())
  onTestFinished(() => services.lease.close())
  await prepare(services, parsePrepareRequest({ ...KEY, source: upstream.url, strategy: 'clone' }))
  git.isFull = true
  expect((await outcomeOf(cleanup(services, KEY, {}))).result).toBe('DISK_FULL')
  expect(git.refused).toBeGreaterThan(0)
  expect(await services.store.read(KEY)).toMatchObject({ state: 'ready' })
  git.isFull = false
  expect(await cleanup(services, KEY, {})).toMatchObject({ action: 'removed' })
})
