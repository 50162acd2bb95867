import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Git } from '../../../src/git/git.js'
import { fetchMissingCommit } from '../../../src/mirror/mirror.js'
import { sourceAccess } from '../../../src/mirror/source-access.js'
import { startGitHttpServer } from '../../helpers/git-http-server.js'
import { ENV, makeStage } from '../verbs/stage.js'

const tasks = Array.from({ length: 8 }, (_, index) => `task-${index}`)

test('tasks that ask together ask the remote far less often than each alone', async () => {
  const { directory, manager, upstream } = await makeStage()
  const server = await startGitHttpServer({ root: directory })
  onTestFinished(() => server.close())
  const source = `${server.url}/upstream.git`
  const prepare = (taskId: string) => manager.prepare({ envId: ENV, taskId, source })
  await prepare('first')
  const before = server.requests.length
  await prepare('second')
  const alone = server.requests.length - before
  const commit = await upstream.commit('main', { 'later.txt': 'later\n' })
  const start = server.requests.length
  const workspaces = await Promise.all(tasks.map(prepare))
  expect(workspaces.map(({ base }) => base?.commit)).toEqual(tasks.map(() => commit))
  // A fetch that had begun when a task asked does not count for it, so there may be a few.
  expect(server.requests.length - start).toBeLessThan(alone * 6)
})

test('whoever waited for others to fetch a commit asks for it no more', async () => {
  const { directory, manager, layout, prepare } = await makeStage()
  const { base } = await prepare()
  await manager.close()
  const git = new Git({ gitTimeoutMs: 10_000 })
  onTestFinished(() => git.close())
  const run = vi.spyOn(git, 'run')
  const { mirrorDir, fetchLock } = layout
  const access = sourceAccess({ kind: 'path', path: directory, originUrl: undefined }, undefined)
  const context = { git, mirrorDir, fetchLock, access, now: () => new Date() }
  await fetchMissingCommit(context, base?.commit ?? '')
  expect(run).not.toHaveBeenCalled()
})

test('tasks that ask together a remote that is down do not each wait for it in turn', async () => {
  const { directory, manager, upstream } = await makeStage()
  await upstream.git('update-server-info')
  const remote = await remoteThatGoesDown(directory)
  const crowd = (round: string) => {
    let asking = 0
    return tasks.map((taskId) =>
      manager.prepare({
        ...{ envId: ENV, taskId: `${round}-${taskId}`, source: `${remote.url}/upstream.git` },
        onProgress: ({ phase, percent }) => {
          if (phase === 'fetch' && percent === undefined) asking += 1
          if (asking === tasks.length) remote.goDown()
        },
      }),
    )
  }
  const cold = await Promise.allSettled(crowd('cold'))
  expect(cold).toMatchObject(tasks.map(() => ({ status: 'rejected', reason: { code: 'GIT_NETWORK' } })))
  expect(remote.refused()).toBeLessThan(tasks.length * 0.75)
  remote.comeBack()
  await manager.prepare({ envId: ENV, taskId: 'between', source: `${remote.url}/upstream.git` })
  remote.hold()
  const warm = await Promise.all(crowd('warm'))
  expect(warm.map(({ base }) => base?.stale)).toEqual(tasks.map(() => true))
  // Each fetch asks twice: for the default branch, and for the rest.
  expect(remote.refused()).toBeLessThan(tasks.length * 1.5)
})

/** Serves files; what is asked for while it is held gets no answer before it goes down. */
async function remoteThatGoesDown(root: string) {
  let state: 'up' | 'held' | 'down' = 'held'
  let refused = 0
  let goDown: () => void = () => undefined
  let down = Promise.resolve()
  const hold = () => {
    ;[state, refused] = ['held', 0]
    down = new Promise((resolve) => {
      goDown = resolve
    })
  }
  hold()
  const server = createServer(async (request, response) => {
    if (state === 'up') {
      const { pathname } = new URL(request.url ?? '/', 'http://localhost')
      const found = await readFile(join(root, pathname)).catch(() => undefined)
      return response.writeHead(found === undefined ? 404 : 200).end(found)
    }
    refused += 1
    await down
    return request.socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const comeBack = () => {
    state = 'up'
  }
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, refused: () => refused, hold, comeBack, goDown: () => goDown() }
}
