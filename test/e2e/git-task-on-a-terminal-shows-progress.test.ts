import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { startGitHttpServer } from '../helpers/git-http-server.js'
import { temporaryDirectory } from '../helpers/temporary.js'
import { CTRL_C, hasTerminals, linesOf, onTerminal } from './terminal.js'

it.runIf(hasTerminals)(
  'says what a prepare waits for while it does, and takes that away before it says anything else',
  async () => {
    const directory = await temporaryDirectory()
    const server = await startGitHttpServer({ root: directory, stall: true })
    onTestFinished(() => server.close())
    const source = `${server.url}/upstream.git`
    const prepare = ['--root', join(directory, 'root'), 'prepare', 'shop', 'task-1', '--source', source]
    const { code, shown } = await onTerminal(prepare, { type: { after: 'fetching', keys: CTRL_C } })
    expect(shown).toContain('\r\x1b[2Kfetching')
    expect(code).toBe(130)
    expect(linesOf(shown)[0]).toBe('git-task: stopped by SIGINT (ABORTED)')
  },
)
