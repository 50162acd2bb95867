import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { WorkspaceManager } from 'git-task-isolation'
import { expect, it, onTestFinished } from 'vitest'
import { repositoryRoot } from '../helpers/run-program.js'
import { taskTraces } from '../helpers/task-traces.js'
import { temporaryDirectory } from '../helpers/temporary.js'
import { createUpstream } from '../helpers/upstream.js'

const PROGRAM = join(repositoryRoot, 'dist/cli/main.js')

it.each([
  ['SIGINT', 130, 'git-task: stopped by SIGINT (ABORTED)'],
  ['SIGTERM', 143, '"signal": "SIGTERM"'],
] as const)(
  'a prepare that waits for its remote ends at %s with %i, and git with it',
  async (signal, code, says) => {
    const root = join(await temporaryDirectory(), 'root')
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const source = `http://127.0.0.1:${port}/shop.git`
    const format = signal === 'SIGTERM' ? ['--json'] : []
    const child = spawn(
      process.execPath,
      [PROGRAM, 'prepare', 'shop', 'task-1', '--source', source, ...format],
      {
        env: { ...process.env, GIT_TASK_ROOT: root },
      },
    )
    onTestFinished(() => void child.kill('SIGKILL'))
    let stderr = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    const [connection] = await once(server, 'connection')
    // Where git is ended, so is its connection: nothing else holds it.
    const gone = once(connection.resume(), 'close')
    child.kill(signal)
    expect(await once(child, 'close')).toEqual([code, null])
    await gone
    expect(stderr).toContain(says)
    expect(await taskTraces(join(root, 'managed-repos/shop'))).toEqual([])
    const manager = new WorkspaceManager({ root })
    const { url } = await createUpstream(join(root, '../upstream.git'))
    const workspace = await manager.prepare({ envId: 'shop', taskId: 'task-1', source: url })
    expect(workspace.reused).toBe(false)
    await manager.close()
  },
)
