import { execFile } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { WorkspaceManager } from 'git-task-isolation'
import { expect, it, onTestFinished } from 'vitest'
import { startGitHttpServer } from '../helpers/git-http-server.js'
import { taskTraces } from '../helpers/task-traces.js'
import { temporaryDirectory } from '../helpers/temporary.js'
import { createUpstream } from '../helpers/upstream.js'
import { CTRL_C, hasTerminals, linesOf, onTerminal } from './terminal.js'

it.runIf(hasTerminals)(
  'says what a prepare waits for while it does, and takes that away at one Ctrl-C, which git passes on',
  async () => {
    const directory = await temporaryDirectory()
    const server = await startGitHttpServer({ root: directory, stall: true })
    onTestFinished(() => server.close())
    const source = `${server.url}/upstream.git`
    const prepare = ['--root', join(directory, 'root'), 'prepare', 'shop', 'task-1', '--source', source]
    const { code, shown } = await onTerminal(prepare, {
      through: 'git',
      type: { after: 'fetching', keys: CTRL_C },
    })
    expect(shown).toContain('\r\x1b[2Kfetching')
    expect(code).toBe(130)
    expect(linesOf(shown)[0]).toBe('git-task: stopped by SIGINT (ABORTED)')
    expect(await taskTraces(join(directory, 'root/managed-repos/shop'))).toEqual([])
  },
)

it.runIf(hasTerminals)('says that a refresh waits for its remote', async () => {
  const directory = await temporaryDirectory()
  const root = join(directory, 'root')
  const { url } = await createUpstream(join(directory, 'upstream.git'))
  const manager = new WorkspaceManager({ root })
  await manager.prepare({ envId: 'shop', taskId: 'task-1', source: url })
  await manager.close()
  // Whoever reads it waits for somebody to write.
  await rm(join(directory, 'upstream.git/HEAD'))
  await promisify(execFile)('mkfifo', [join(directory, 'upstream.git/HEAD')])
  const refresh = ['--root', root, 'refresh', 'shop', 'task-1']
  const { code, shown } = await onTerminal(refresh, { type: { after: 'refreshing', keys: CTRL_C } })
  expect(shown).toContain('\r\x1b[2Krefreshing shop task-1')
  expect(code).toBe(130)
})
