import { join, resolve, sep } from 'node:path'
import fc from 'fast-check'
import { isWorkspaceError, managedRepoCheckoutPath, WorkspaceManager } from 'git-task-isolation'
import { describe, expect, test } from 'vitest'
import { anyId } from './any-id.js'

const root = resolve('/srv/agents')

/** The path, or the code of the typed error; anything else fails the test. */
function pathOrCode(envId: string, taskId?: string, runId?: string): string {
  try {
    return managedRepoCheckoutPath(root, envId, taskId, runId)
  } catch (error) {
    if (isWorkspaceError(error)) return error.code
    throw error
  }
}

describe('managedRepoCheckoutPath', () => {
  test('names the shared checkout, the task and the run', () => {
    const environment = join(root, 'managed-repos', 'shop')
    expect(managedRepoCheckoutPath(root, 'shop')).toBe(environment)
    expect(managedRepoCheckoutPath(root, 'shop', 'task-42')).toBe(join(environment, 'tasks', 'task-42'))
    expect(managedRepoCheckoutPath(root, 'shop', 'task-42', '2')).toBe(
      join(environment, 'tasks', 'task-42@2'),
    )
  })

  test('is what a manager says', () => {
    const manager = new WorkspaceManager({ root })
    expect(manager.checkoutPath('shop')).toBe(managedRepoCheckoutPath(root, 'shop'))
    expect(manager.checkoutPath('shop', 'a', 'b')).toBe(managedRepoCheckoutPath(root, 'shop', 'a', 'b'))
  })

  test('answers any text with exactly that path, or refuses it', () => {
    fc.assert(
      fc.property(anyId, anyId, fc.option(anyId, { nil: undefined }), (envId, taskId, runId) => {
        const name = runId === undefined ? taskId : `${taskId}@${runId}`
        const exact = [root, 'managed-repos', envId, 'tasks', name].join(sep)
        expect([exact, 'ID_INVALID']).toContain(pathOrCode(envId, taskId, runId))
      }),
      { numRuns: 2_000 },
    )
  })

  test('accepts every id that the rules allow', () => {
    const allowed = fc
      .stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/)
      .filter((id) => !/\.\.|\.$|\.lock$/i.test(id) && !/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i.test(id))
    fc.assert(
      fc.property(allowed, (id) => {
        expect(pathOrCode(id, id, id)).toContain(`${id}@${id}`)
      }),
    )
  })

  test('never gives two keys one path', () => {
    const ids = fc.stringMatching(/^[a-c][a-c.@-]{0,3}$/)
    const keys = fc.tuple(ids, ids, fc.option(ids, { nil: undefined }))
    fc.assert(
      fc.property(keys, keys, (one, other) => {
        const [a, b] = [pathOrCode(...one), pathOrCode(...other)]
        if (a === b && a !== 'ID_INVALID') expect(one).toEqual(other)
      }),
      { numRuns: 2_000 },
    )
  })
})
