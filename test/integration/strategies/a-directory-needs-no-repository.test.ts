import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { namesIn } from '../verbs/presence.js'
import { agentWrites, CHECKOUTS, failureOf, KEY, makeStage, tryAgentGit } from '../verbs/stage.js'

const WRONG = (folder: string) => `file://${join(folder, 'none')}`

test('a request without a source gets an empty folder of its own', async () => {
  const { manager } = await makeStage()
  const workspace = await manager.prepare({ ...KEY })
  expect(workspace).toMatchObject({ strategy: 'directory', branch: undefined, base: undefined })
  expect(await readdir(workspace.workDir)).toEqual(['.agent_context'])
  expect(await namesIn(workspace.rootDir)).toEqual(['.gitconfig', 'logs', 'output', 'state', 'workdir'])
})

test('it is in no repository, even where the root is inside of one', async () => {
  const { upstream, manager } = await makeStage({}, { bare: false, name: 'root' })
  const workspace = await manager.prepare({ ...KEY })
  expect(workspace.workDir.startsWith(upstream.path)).toBe(true)
  expect((await tryAgentGit(workspace, ['status'])).code).toBe(128)
})

test('nothing but its own removal can be asked of it', async () => {
  const { manager } = await makeStage()
  const workspace = await manager.prepare({ ...KEY })
  expect((await failureOf(workspace.refresh())).code).toBe('OPTIONS_INVALID')
  expect(await workspace.cleanup()).toMatchObject({ action: 'removed' })
  expect(await namesIn(join(workspace.rootDir, '..'))).not.toContain(KEY.taskId)
})

describe.each(CHECKOUTS)('a failing %s with onGitFailure directory', (strategy) => {
  test('becomes a directory, and says so', async () => {
    const { directory, manager, prepare } = await makeStage({ onUnsavedWork: 'refuse' })
    const warnings: unknown[] = []
    manager.on('warning', (event) => warnings.push(event))
    const source = WRONG(directory)
    const workspace = await prepare({ strategy, source, onGitFailure: 'directory' })
    expect(workspace).toMatchObject({ strategy: 'directory', branch: undefined, base: undefined })
    expect(workspace.session.strategy).toBe('directory')
    expect(warnings).toMatchObject([{ key: KEY, code: 'GIT_NETWORK' }])
    await agentWrites(workspace, 'work.txt')
    expect((await failureOf(workspace.cleanup())).code).toBe('UNSAVED_WORK')
  })

  test('is handed out again when it is asked for again', async () => {
    const { directory, prepare } = await makeStage()
    const request = { strategy, source: WRONG(directory), onGitFailure: 'directory' } as const
    await prepare(request)
    expect(await prepare(request)).toMatchObject({ strategy: 'directory', reused: true })
  })

  test('is an error without it, and for a bad request', async () => {
    const { directory, manager, prepare } = await makeStage()
    await failureOf(prepare({ strategy, source: WRONG(directory) }))
    const bad = { strategy, branch: 'a..b', onGitFailure: 'directory' } as const
    expect((await failureOf(prepare(bad))).code).toBe('REF_INVALID')
    expect(await manager.list()).toEqual([])
  })
})
