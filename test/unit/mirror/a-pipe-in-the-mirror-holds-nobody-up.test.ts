import { execFile } from 'node:child_process'
import { mkdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { isPresent } from '../../../src/fs/presence.js'
import { Git } from '../../../src/git/git.js'
import { initialise } from '../../../src/mirror/initialise-mirror.js'
import { withStaging } from '../../../src/mirror/staging-repository.js'
import { UPSTREAM_HEAD, upstreamHeadOf } from '../../../src/strategies/clone-parts.js'
import { temporaryDirectory } from '../../helpers/temporary.js'

async function makeMirror() {
  const directory = await temporaryDirectory()
  const git = new Git({ gitTimeoutMs: 5_000 })
  onTestFinished(() => git.close())
  const url = 'file:///nowhere'
  const context = {
    git,
    mirrorDir: join(directory, 'mirror.git'),
    fetchLock: join(directory, 'fetch.lock'),
    access: { location: url, originUrl: url, network: { protocols: ['file'], url } },
    now: () => new Date(),
  } as const
  await initialise(git, context.mirrorDir, 'sha1', context)
  return context
}

async function makePipe(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await promisify(execFile)('mkfifo', [path])
}

test('a repository beside the mirror takes no cuts from a pipe', async () => {
  const context = await makeMirror()
  await makePipe(join(context.mirrorDir, 'shallow'))
  await withStaging(context, async ({ mirrorDir }) => {
    expect(await isPresent(join(mirrorDir, 'shallow'))).toBe(false)
  })
})

test("no default branch is read from a pipe in place of the remote's HEAD", async () => {
  const { mirrorDir } = await makeMirror()
  await makePipe(join(mirrorDir, UPSTREAM_HEAD))
  expect(await upstreamHeadOf(mirrorDir)).toBeUndefined()
})
