import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { bundledOnce } from '../../helpers/child-program.js'
import { repositoryRoot } from '../../helpers/run-program.js'
import { isThere, namesIn } from '../verbs/presence.js'
import { failureOf, makeStage } from '../verbs/stage.js'
import { holdFetches } from './held-fetch.js'

const child = fileURLToPath(new URL('prepare-many.ts', import.meta.url))

async function stageWithHeldFetch() {
  const stage = await makeStage()
  const server = await holdFetches(stage.directory)
  return { ...stage, server, source: `${server.url}/upstream.git` }
}

test('an aborted one takes everything back that it had made', async () => {
  const { prepare, root, server, source } = await stageWithHeldFetch()
  const caller = new AbortController()
  const preparing = failureOf(prepare({ source, signal: caller.signal }))
  await server.begun
  caller.abort()
  expect((await preparing).code).toBe('ABORTED')
  expect(await namesIn(root)).toEqual([])
})

test('one that the closing of the manager ends does so too', async () => {
  const { manager, prepare, root, server, source } = await stageWithHeldFetch()
  const preparing = failureOf(prepare({ source }))
  await server.begun
  await manager.close()
  expect((await preparing).code).toBe('MANAGER_CLOSED')
  expect(await namesIn(root)).toEqual([])
})

test('a killed process leaves no mirror, and the next prepare of the task succeeds', async () => {
  const { layout, manager, prepare, root, server, source } = await stageWithHeldFetch()
  const words = [bundledOnce(child), root, source, 'clone', 'task', '1']
  const killed = spawn(process.execPath, words, { cwd: repositoryRoot, stdio: 'inherit' })
  await server.begun
  // The control: the fetch was under way, in a folder with another name.
  expect((await namesIn(layout.managerDir)).join()).toContain('mirror.git.tmp-')
  killed.kill('SIGKILL')
  await once(killed, 'exit')
  expect(await isThere(layout.mirrorDir)).toBe(false)
  server.letThrough()
  const workspace = await prepare({ source, taskId: 'task-0' })
  expect(await workspace.git().raw(['fsck', '--strict'])).toBe('')
  expect(await manager.list()).toMatchObject([{ taskId: 'task-0', state: 'ready' }])
})

test('a fetch that fails half way leaves no mirror either', async () => {
  const { prepare, root, upstream } = await makeStage()
  const blob = await upstream.git('rev-parse', 'HEAD:README.md')
  await rm(join(upstream.path, 'objects', blob.slice(0, 2), blob.slice(2)))
  const { code } = await failureOf(prepare())
  expect(['GIT_FAILED', 'GIT_NETWORK']).toContain(code)
  expect(await namesIn(root)).toEqual([])
})
