import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { type PrepareRequest, WorkspaceManager } from 'git-task-isolation'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { type GitHttpServer, startGitHttpServer } from '../../helpers/git-http-server.js'
import { runProgram } from '../../helpers/run-program.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { createUpstream, type Upstream } from '../../helpers/upstream.js'
import { refusal } from './refusal.js'

const GERMAN = { LANG: 'de_DE.UTF-8', LC_ALL: 'de_DE.UTF-8', LC_MESSAGES: 'de_DE.UTF-8', LANGUAGE: 'de' }
const NOBODY = 'http://127.0.0.1:1'

let programs: string
let upstream: Upstream
let server: GitHttpServer

beforeAll(async () => {
  const directory = await temporaryDirectory()
  upstream = await createUpstream(join(directory, 'shop.git'))
  server = await startGitHttpServer({ root: directory, username: 'someone', password: 'secret' })
  programs = await translatedGit(directory)
})

afterAll(() => server.close())

beforeEach(() => {
  for (const [name, value] of Object.entries(GERMAN)) vi.stubEnv(name, value)
  vi.stubEnv('PATH', `${programs}${delimiter}${process.env['PATH'] ?? ''}`)
})

afterEach(() => {
  vi.unstubAllEnvs()
})

/** A git that speaks German wherever it is not told otherwise, whatever languages the machine has. */
async function translatedGit(directory: string): Promise<string> {
  const folder = join(directory, 'bin')
  const { stdout } = await runProgram('/bin/sh', ['-c', 'command -v git'])
  const real = stdout.trim()
  const script = `#!/bin/sh
if [ "$LC_ALL" = C ]; then exec '${real}' "$@"; fi
'${real}' "$@" 2>'${directory}/stderr'
code=$?
if [ -s '${directory}/stderr' ]; then echo 'Schwerwiegend: Das ging leider schief.' >&2; fi
exit $code
`
  await mkdir(folder)
  await writeFile(join(folder, 'git'), script)
  await chmod(join(folder, 'git'), 0o755)
  return folder
}

async function codeOf(request: Partial<PrepareRequest>): Promise<string> {
  const manager = new WorkspaceManager({ root: await temporaryDirectory() })
  return (await refusal(() => manager.prepare({ envId: 'shop', taskId: 'task', ...request }))).code
}

test('the control: git says it in German', async () => {
  const { stderr } = await runProgram('git', ['ls-remote', 'file:///no/such/repository.git'])
  expect(stderr).toBe('Schwerwiegend: Das ging leider schief.\n')
})

describe.each(['clone', 'worktree'])('%s', (strategy) => {
  test.each([
    ['a folder that is not there', 'GIT_NETWORK', () => 'file:///no/such/repository.git'],
    ['a host that does not answer', 'GIT_NETWORK', () => `${NOBODY}/shop.git`],
    ['a host that wants a password', 'GIT_AUTH', () => `${server.url}/shop.git`],
  ])('%s is %s', async (_what, code, source) => {
    expect(await codeOf({ strategy, source: source() })).toBe(code)
  })

  test.each(['no-such-branch', 'refs/tags/none', '0123456789abcdef0123456789abcdef01234567'])(
    'a base that is missing (%s)',
    async (baseRef) => {
      expect(await codeOf({ strategy, source: upstream.url, baseRef })).toBe('GIT_REF_MISSING')
    },
  )

  test('a wrong password is GIT_AUTH', async () => {
    const credentials = { username: 'someone', token: 'wrong' }
    expect(await codeOf({ strategy, source: `${server.url}/shop.git`, credentials })).toBe('GIT_AUTH')
  })

  test('a workspace is made, refreshed and removed', async () => {
    const manager = new WorkspaceManager({ root: await temporaryDirectory() })
    const workspace = await manager.prepare({
      envId: 'shop',
      taskId: strategy,
      source: upstream.url,
      strategy,
    })
    const commit = await upstream.commit('main', { [`${strategy}.txt`]: 'new\n' })
    expect(await workspace.refresh()).toMatchObject({ action: 'updated', after: commit })
    expect(await workspace.cleanup()).toMatchObject({ action: 'removed' })
  })
})
