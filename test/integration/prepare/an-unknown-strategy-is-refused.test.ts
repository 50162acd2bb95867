import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { catalogue, type Strategy, WorkspaceManager } from 'git-task-isolation'
import { describe, expect, test } from 'vitest'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { refusal, refusedRequest } from './refusal.js'

const key = { envId: 'shop', taskId: 'task' }
const custom = (name: string): Strategy => ({ ...catalogue.directory, name })

test.each(['rsync', 'Clone', 'clone ', 'toString', '__proto__', '../clone'])('%j', async (strategy) => {
  const error = await refusedRequest({ ...key, strategy })
  expect(error.toJSON()).toMatchObject({ code: 'STRATEGY_UNKNOWN', data: { strategy } })
  expect(error.data['known']).toEqual(['clone', 'worktree', 'directory', 'local'])
})

test('so is one that the manager names as its default', async () => {
  const root = await temporaryDirectory()
  const error = await refusal(() => new WorkspaceManager({ root, strategy: 'rsync' }))
  expect(error.code).toBe('STRATEGY_UNKNOWN')
})

describe('a custom strategy', () => {
  test.each(Object.keys(catalogue))('cannot take the name of the built-in "%s"', async (name) => {
    const error = await refusal(() => new WorkspaceManager({ root: '/nowhere', strategies: [custom(name)] }))
    expect(error.toJSON()).toMatchObject({ code: 'OPTIONS_INVALID', data: { field: 'strategies' } })
    expect(error.message).toContain(name)
  })

  test('cannot be given twice', async () => {
    const strategies = [custom('mine'), custom('mine')]
    const error = await refusal(() => new WorkspaceManager({ root: '/nowhere', strategies }))
    expect(error.code).toBe('OPTIONS_INVALID')
  })

  test.each(['', 'a b', '../mine', 'a\nb'])('cannot be named %j', async (name) => {
    const error = await refusal(() => new WorkspaceManager({ root: '/nowhere', strategies: [custom(name)] }))
    expect(error.toJSON()).toMatchObject({ code: 'OPTIONS_INVALID', data: { field: 'strategies.0.name' } })
  })

  test.each([
    ['another folder', (workDir: string) => ({ workDir: join(workDir, 'sub') }), ['workDir']],
    ['what is no text', (workDir: string) => ({ workDir, details: { size: 5 } }), ['tree.details.size']],
    ['nothing', () => undefined, ['tree']],
  ])('that answers with %s is refused, and what it has made goes', async (_what, answer, fields) => {
    const root = await temporaryDirectory()
    const create = async ({ workDir }: { workDir: string }) => {
      await mkdir(join(workDir, 'sub'), { recursive: true })
      return answer(workDir)
    }
    const broken = { ...custom('mine'), create: create as Strategy['create'] }
    const manager = new WorkspaceManager({ root, strategies: [broken] })
    const error = await refusal(() => manager.prepare({ ...key, strategy: 'mine' }))
    expect(error.toJSON()).toMatchObject({ code: 'OPTIONS_INVALID', data: { strategy: 'mine', fields } })
    expect(await readdir(root)).toEqual([])
  })

  test('is used by its name', async () => {
    const root = await temporaryDirectory()
    const manager = new WorkspaceManager({ root, strategies: [custom('mine')] })
    const workspace = await manager.prepare({ ...key, strategy: 'mine' })
    expect(workspace.strategy).toBe('mine')
  })
})
