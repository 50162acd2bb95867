import { readFileSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Credentials } from 'git-task-isolation'
import { expect, onTestFinished, test } from 'vitest'
import { environmentLayout } from '../../src/model/layout.js'
import { startGitHttpServer } from '../helpers/git-http-server.js'
import { git } from '../helpers/run-git.js'
import { newCanary } from './canary.js'
import { KEY, stageWithServer, USERNAME } from './token-stage.js'

const ARMED = ['credential.helper', 'credential.http://127.0.0.1.helper']

test('with credential helpers is handed no token', async () => {
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
  for (const key of ARMED) await git(workspace.workDir, 'config', key, `!cat > ${stolen}`)
  await stage.upstream.commit('main', { 'later.txt': 'later\n' })
  expect(await stage.manager.refresh(KEY)).toMatchObject({ action: 'updated', stale: false })
  expect(await readFile(stolen, 'utf8').catch(() => 'nothing')).toBe('nothing')
})

type Stage = Awaited<ReturnType<typeof stageWithServer>>

/** Where an agent's configuration could count, and what then asks the remote. */
const PLACES: Record<
  string,
  (stage: Stage, credentials: Credentials, settings: string[]) => Promise<unknown>
> = {
  'the mirror': async ({ manager, root, source }, credentials, settings) => {
    const workspace = await manager.prepare({ ...KEY, strategy: 'worktree', source, credentials })
    await git(workspace.workDir, 'config', ...settings)
    const config = join(environmentLayout(root, 'shop').mirrorDir, 'config')
    const armed = readFileSync(config)
    // It was compared just now, and put right.
    manager.on('warning', () => writeFileSync(config, armed))
    expect(await manager.refresh(KEY)).toMatchObject({ stale: false })
    expect(readFileSync(config)).toEqual(armed)
  },
  'the folder that the process stands in': async ({ directory, manager, source }, credentials, settings) => {
    await git(directory, 'init', '--quiet')
    await git(directory, 'config', ...settings)
    const before = process.cwd()
    process.chdir(directory)
    await manager.prepare({ ...KEY, source, credentials }).finally(() => process.chdir(before))
  },
}

test.each(Object.entries(PLACES))(
  'a proxy that an agent has set in %s is told no token',
  async (_place, ask) => {
    const canary = newCanary()
    const stage = await stageWithServer(canary)
    const proxy = await startGitHttpServer({ root: stage.directory, username: 'x', password: 'y' })
    onTestFinished(() => proxy.close())
    await ask(stage, { username: USERNAME, token: canary.token }, ['http.proxy', proxy.url])
    expect(proxy.requests.filter(({ authorization }) => authorization !== undefined)).toEqual([])
  },
)
