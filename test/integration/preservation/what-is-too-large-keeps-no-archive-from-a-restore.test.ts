import { mkdir, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { restorePointers } from '../../../src/preservation/restore-pointers.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { agentGit, agentWrites, KEY } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'

const LARGE = 'x'.repeat(140_000)
const LARGER_THAN_A_TEXT = 2200 * 1024 ** 2

test('state of git and a message of a stash that are too large for what they are come back as they were', async () => {
  const { manager, prepare } = await makeWarmStage()
  const workspace = await prepare()
  const inGitDir = (name: string) => join(workspace.workDir, '.git', name)
  await agentWrites(workspace, 'README.md', 'stashed\n')
  await agentGit(workspace, 'stash', 'push', '--quiet', '-m', 'MARK')
  const log = await readFile(inGitDir('logs/refs/stash'), 'utf8')
  await writeFile(inGitDir('logs/refs/stash'), log.replace('MARK', LARGE))
  await writeFile(inGitDir('BISECT_START'), LARGE)
  await manager.cleanup(KEY)
  const restored = await manager.restore(KEY)
  expect(await readFile(inGitDir('BISECT_START'), 'utf8')).toBe(LARGE)
  expect(await agentGit(restored, 'stash', 'list')).toContain(LARGE)
})

test('a pointer of an agent that no text could hold is left as it is', async () => {
  const directory = await temporaryDirectory()
  const agent = { gitDir: join(directory, 'entry'), commonDir: join(directory, 'common') }
  const pointer = join(directory, 'x/.git')
  await mkdir(join(directory, 'x'))
  await writeFile(pointer, 'gitdir: /from/x\n')
  await truncate(pointer, LARGER_THAN_A_TEXT)
  const request = {
    agent,
    workDir: directory,
    rootDir: { from: '/from', to: directory },
    registration: { from: 'one', to: 'two' },
    registered: new Set<string>(),
  }
  const special = [{ place: 'checkout', name: 'x/.git' }] as const
  const archive = { manifest: { special } } as unknown as Parameters<typeof restorePointers>[0]
  await restorePointers(archive, request)
  expect((await stat(pointer)).size).toBe(LARGER_THAN_A_TEXT)
})
