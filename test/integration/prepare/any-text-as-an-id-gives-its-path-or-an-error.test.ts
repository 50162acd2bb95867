import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { isWorkspaceError, WorkspaceManager } from 'git-task-isolation'
import { expect, test } from 'vitest'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { anyId } from '../../unit/model/any-id.js'

test('prepare makes exactly the folder of the key, or nothing', async () => {
  const directory = await temporaryDirectory()
  const root = join(directory, 'root')
  const manager = new WorkspaceManager({ root, auditLog: false })
  const made = new Set<string>()

  const holds = async (envId: string, taskId: string, runId: string | undefined) => {
    const name = runId === undefined ? taskId : `${taskId}@${runId}`
    const expected = join(root, 'managed-repos', envId, 'tasks', name)
    try {
      const { rootDir } = await manager.prepare({ envId, taskId, runId })
      expect(rootDir).toBe(expected)
      made.add(rootDir)
    } catch (error) {
      if (!isWorkspaceError(error)) throw error
      expect(['ID_INVALID', 'SESSION_TAKEN']).toContain(error.code)
    }
    expect(await workspacesIn(root)).toEqual([...made].sort())
    expect(await readdir(directory)).toEqual(made.size === 0 ? [] : ['root'])
  }

  const optionalRun = fc.option(anyId, { nil: undefined, freq: 2 })
  // Chance alone may accept none in sixty runs; the control must not hang on it.
  const examples: [string, string, string | undefined][] = [
    ['shop', 'task-42', undefined],
    ['shop', 'task-42', 'run-1'],
  ]
  await fc.assert(fc.asyncProperty(anyId, anyId, optionalRun, holds), { numRuns: 60, examples })
  expect(made.size, 'the control: some are accepted').toBeGreaterThanOrEqual(examples.length)
})

async function workspacesIn(root: string): Promise<string[]> {
  const environments = await namesIn(join(root, 'managed-repos'))
  const tasks = environments.map(async (envId) => {
    const folder = join(root, 'managed-repos', envId, 'tasks')
    return (await namesIn(folder)).map((name) => join(folder, name))
  })
  return (await Promise.all(tasks)).flat().sort()
}

async function namesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
}
