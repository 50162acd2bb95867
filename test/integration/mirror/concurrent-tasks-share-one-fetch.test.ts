import { expect, onTestFinished, test } from 'vitest'
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
