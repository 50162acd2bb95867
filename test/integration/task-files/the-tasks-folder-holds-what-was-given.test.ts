import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { isThere, namesIn } from '../verbs/presence.js'
import { agentGit, failureOf, KEY, makeStage, tryAgentGit } from '../verbs/stage.js'

const credentials = { username: 'robot', token: 'canary/Token+0=', host: 'git.example.org' }
const mode = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)

test.each(['clone', 'worktree', 'directory', 'local'])(
  'in a %s, for nobody else to read',
  async (strategy) => {
    const { manager, upstream } = await makeStage({}, { bare: false, name: 'own' })
    const taskFiles = { 'client-config.json': { a: [1] }, 'deep/list.json': [1], 'note.txt': 'text' }
    const request = { ...KEY, source: upstream.path, strategy, credentials, taskFiles }
    const { rootDir, workDir } = await manager.prepare(request)
    expect(JSON.parse(await readFile(join(rootDir, 'client-config.json'), 'utf8'))).toEqual({ a: [1] })
    expect(JSON.parse(await readFile(join(rootDir, 'deep/list.json'), 'utf8'))).toEqual([1])
    expect(await readFile(join(rootDir, 'note.txt'), 'utf8')).toBe('text')
    expect(await namesIn(workDir)).not.toContain('note.txt')
    for (const name of ['client-config.json', 'deep/list.json', 'note.txt', '.git-credentials', '.gitconfig'])
      expect([name, await mode(join(rootDir, name))]).toEqual([name, '600'])
    expect(await mode(rootDir)).toBe('700')
  },
)

test('the credentials serve their own host, and are gone after cleanup', async () => {
  const { layout, prepare } = await makeStage()
  const workspace = await prepare({ credentials })
  const helper = await agentGit(
    workspace,
    'config',
    '--get-urlmatch',
    'credential.helper',
    'https://git.example.org',
  )
  expect(helper).toContain(join(workspace.rootDir, '.git-credentials'))
  const other = ['config', '--get-urlmatch', 'credential.helper', 'https://example.org']
  expect(await tryAgentGit(workspace, other)).toMatchObject({ code: 1, stdout: '' })
  await workspace.cleanup()
  expect(await namesIn(workspace.rootDir)).toEqual([])
  // The rest of the task may still be there, and be deleted meanwhile.
  const trash = join(layout.trashDir, 'task-1')
  for (const name of await namesIn(trash))
    expect(await namesIn(join(trash, name))).not.toContain('.git-credentials')
})

test('keeping the artifacts keeps no credentials', async () => {
  const { prepare } = await makeStage()
  const workspace = await prepare({ credentials })
  await workspace.cleanup({ keep: 'artifacts' })
  expect(await namesIn(workspace.rootDir)).toEqual(['logs', 'output'])
})

test('a second prepare keeps credentials and files that it does not name', async () => {
  const { prepare } = await makeStage()
  await prepare({ credentials, taskFiles: { 'one.txt': 'one', 'two.txt': 'two' } })
  const { rootDir } = await prepare({ taskFiles: { 'two.txt': 'changed' } })
  expect(await readFile(join(rootDir, 'one.txt'), 'utf8')).toBe('one')
  expect(await readFile(join(rootDir, 'two.txt'), 'utf8')).toBe('changed')
  expect(await isThere(join(rootDir, '.git-credentials'))).toBe(true)
})

describe('refused before anything is made', () => {
  test.each(['../x', 'workdir/x', '.gitconfig', '.GIT-CREDENTIALS', './workdir/x', '.agent_context/x', '/x'])(
    'a task file named %s',
    async (name) => {
      const { prepare, root } = await makeStage()
      expect((await failureOf(prepare({ taskFiles: { [name]: '' } }))).code).toBe('PATH_OUTSIDE_ROOT')
      expect(await isThere(root)).toBe(false)
    },
  )

  test('credentials that no host can be told for', async () => {
    const { prepare, root } = await makeStage()
    const error = await failureOf(prepare({ credentials: { token: 'canary' } }))
    expect(error).toMatchObject({ code: 'OPTIONS_INVALID', data: { field: 'credentials.host' } })
    expect(await isThere(root)).toBe(false)
  })
})
