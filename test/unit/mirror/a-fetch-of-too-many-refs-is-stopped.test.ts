import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Git } from '../../../src/git/git.js'
import { FetchWatch, MAX_REFS } from '../../../src/mirror/fetch-watch.js'
import { PackBytes } from '../../../src/mirror/pack-bytes.js'
import { askRemoteHead } from '../../../src/mirror/remote-head.js'
import { sourceAccess } from '../../../src/mirror/source-access.js'
import { git } from '../../helpers/run-git.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { createUpstream } from '../../helpers/upstream.js'
import { fakeGit } from '../git/fake-git.js'

async function fetchWithLimit(maxRefs: number) {
  const directory = await temporaryDirectory()
  const tags = Array.from({ length: 8 }, (_, index) => `v${index}`)
  const upstream = await createUpstream(join(directory, 'upstream.git'), { tags })
  const gitDir = join(directory, 'mirror.git')
  await git(directory, 'init', '--quiet', '--bare', gitDir)
  const door = new Git({ gitTimeoutMs: 10_000 })
  const access = sourceAccess({ kind: 'path', path: upstream.path }, undefined)
  const context = {
    git: door,
    mirrorDir: gitDir,
    fetchLock: join(directory, 'lock'),
    access,
    now: () => new Date(),
  }
  const watch = new FetchWatch(context, new PackBytes(gitDir), maxRefs)
  const args = ['fetch', '--progress', '--tags', '--', upstream.path, '+refs/heads/*:refs/remotes/origin/*']
  const { network } = access
  await watch.during(() => door.run({ args, gitDir, network, signal: watch.signal, onLine: watch.hear }))
}

test('one branch and eight tags are more than eight', async () => {
  await expect(fetchWithLimit(8)).rejects.toMatchObject({
    code: 'LIMIT_EXCEEDED',
    data: { limit: 'refs', max: 8, found: 9 },
  })
})

test('and no more than nine', async () => {
  await fetchWithLimit(9)
})

test('a remote that lists refs without end is not listened to', async () => {
  const line = `${'0'.repeat(40)}\\trefs/heads/b`
  const environment = await fakeGit(`exec awk 'BEGIN { for (n = 0; ; n++) print "${line}" n }'`)
  const access = sourceAccess({ kind: 'path', path: '/nowhere' }, undefined)
  await expect(askRemoteHead(new Git({ gitTimeoutMs: 20_000, environment }), access)).rejects.toMatchObject({
    code: 'LIMIT_EXCEEDED',
    data: { limit: 'refs', max: MAX_REFS, found: MAX_REFS + 1 },
  })
})
