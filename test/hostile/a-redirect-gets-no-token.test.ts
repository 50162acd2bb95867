import { execFile } from 'node:child_process'
import { expect, onTestFinished, test } from 'vitest'
import { startGitHttpServer } from '../helpers/git-http-server.js'
import { git } from '../helpers/run-git.js'
import { type Canary, newCanary } from './canary.js'
import { CASES, KEY, stageWithServer, USERNAME, WAYS } from './token-stage.js'

async function redirected(canary: Canary) {
  const stage = await stageWithServer(canary)
  const crossroads = await startGitHttpServer({ root: stage.directory, redirectTo: stage.server.url })
  onTestFinished(() => crossroads.close())
  return { ...stage, crossroads, source: `${crossroads.url}/shop.git` }
}

test.each(CASES)('gets nothing of what is given $way to a $strategy', async ({ strategy, way }) => {
  const canary = newCanary()
  const stage = await redirected(canary)
  const call = stage.manager.prepare({ ...KEY, strategy, ...WAYS[way](stage.source, canary) })
  expect(await call.catch((thrown: unknown) => thrown)).toMatchObject({ code: 'GIT_AUTH' })
  expect(stage.server.requests.length).toBeGreaterThan(0)
  expect(stage.server.requests.filter(({ authorization }) => authorization !== undefined)).toEqual([])
  // The control: that host would have taken the token.
  const meant = await stage.manager.prepare({
    ...KEY,
    strategy,
    source: `${stage.server.url}/shop.git`,
    credentials: { username: USERNAME, token: canary.token },
  })
  expect(meant.reused).toBe(false)
})

test("gets nothing of an agent's own fetch either", async () => {
  const canary = newCanary()
  const stage = await stageWithServer(canary)
  const credentials = { username: USERNAME, token: canary.token }
  const workspace = await stage.manager.prepare({ ...KEY, source: stage.source, credentials })
  const thief = await startGitHttpServer({ root: stage.directory, username: 'x', password: 'y' })
  onTestFinished(() => thief.close())
  await git(workspace.workDir, 'remote', 'add', 'thief', `${thief.url}/shop.git`)
  const agent = { ...process.env, ...workspace.env }
  await new Promise((resolve) => {
    execFile('git', ['fetch', 'thief'], { cwd: workspace.workDir, env: agent }, resolve)
  })
  expect(thief.requests.length).toBeGreaterThan(0)
  expect(thief.requests.filter(({ authorization }) => authorization !== undefined)).toEqual([])
})
