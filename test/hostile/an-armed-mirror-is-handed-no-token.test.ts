import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { startGitHttpServer } from '../helpers/git-http-server.js'
import { git } from '../helpers/run-git.js'
import { newCanary } from './canary.js'
import { KEY, stageWithServer, USERNAME } from './token-stage.js'

const ARMED: Record<string, (thief: string) => string[]> = {
  'a credential helper': (thief) => ['credential.helper', `!cat > ${thief}`],
  'a credential helper for the host': (thief) => ['credential.http://127.0.0.1.helper', `!cat > ${thief}`],
}

test.each(Object.entries(ARMED))('with %s is handed no token', async (_what, settings) => {
  const canary = newCanary()
  const stage = await stageWithServer(canary)
  const credentials = { username: USERNAME, token: canary.token }
  const workspace = await stage.manager.prepare({
    ...KEY,
    strategy: 'worktree',
    source: stage.source,
    credentials,
  })
  const stolen = join(stage.directory, 'stolen')
  await git(workspace.workDir, 'config', ...settings(stolen))
  await stage.upstream.commit('main', { 'later.txt': 'later\n' })
  expect(await stage.manager.refresh(KEY)).toMatchObject({ action: 'updated', stale: false })
  expect(await readFile(stolen, 'utf8').catch(() => 'nothing')).toBe('nothing')
})

test('a proxy that an agent has set in the mirror is told no token', async () => {
  const canary = newCanary()
  const stage = await stageWithServer(canary)
  const credentials = { username: USERNAME, token: canary.token }
  const workspace = await stage.manager.prepare({
    ...KEY,
    strategy: 'worktree',
    source: stage.source,
    credentials,
  })
  const proxy = await startGitHttpServer({ root: stage.directory, username: 'x', password: 'y' })
  onTestFinished(() => proxy.close())
  await git(workspace.workDir, 'config', 'http.proxy', proxy.url)
  await Promise.allSettled([stage.manager.refresh(KEY)])
  expect(proxy.requests.filter(({ authorization }) => authorization !== undefined)).toEqual([])
})
