import { join } from 'node:path'
import { WorkspaceManager } from 'git-task-isolation'
import { describe, expect, test } from 'vitest'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { snapshotTree } from '../../helpers/tree-snapshot.js'
import { refusal, refusedRequest } from './refusal.js'

const FIELDS = ['envId', 'taskId', 'runId'] as const
const VALID = { envId: 'shop', taskId: 'task', runId: 'run' }

const UNUSABLE: readonly (readonly [string, string])[] = [
  ['empty', ''],
  ['a parent folder', '..'],
  ['two dots inside', 'a..b'],
  ['a path out', '../../outside'],
  ['a slash', 'a/b'],
  ['a backslash', 'a\\b'],
  ['absolute', '/etc'],
  ['200 characters', 'x'.repeat(200)],
  ['101 characters', 'x'.repeat(101)],
  ['a device name', 'CON'],
  ['a device name with an extension', 'nul.txt'],
  ['a numbered device name', 'Com1'],
  ['a lock file', 'a.lock'],
  ['a lock file in capitals', 'a.LOCK'],
  ['a trailing dot', 'a.'],
  ['a leading dot', '.git'],
  ['a leading dash', '-x'],
  ['a leading underscore', '_x'],
  ['a trailing space', 'a '],
  ['a space inside', 'a b'],
  ['a newline', 'a\n'],
  ['a NUL', 'a\0b'],
  ['an escape', 'a\u001b[31m'],
  ['a run separator', 'a@b'],
  ['not ASCII', 'tâche'],
  ['a surrogate alone', '\ud800'],
]

const WRONG_TYPES: readonly (readonly [string, unknown])[] = [
  ['a number', 5],
  ['null', null],
  ['a list', ['a']],
  ['an object', { toString: () => 'a' }],
  ['true', true],
]

const every = <T>(values: readonly (readonly [string, T])[]) =>
  FIELDS.flatMap((field) => values.map(([what, value]) => [field, what, value] as const))

test.concurrent.each([...every<unknown>(UNUSABLE), ...every(WRONG_TYPES)])(
  'prepare refuses %s: %s',
  async (field, _what, value) => {
    const error = await refusedRequest({ ...VALID, [field]: value })
    expect(error.toJSON()).toMatchObject({ code: 'ID_INVALID', data: { field } })
    expect(error.message).toContain(field)
  },
)

test.each(['envId', 'taskId'])('prepare refuses a request without %s', async (field) => {
  const error = await refusedRequest({ ...VALID, [field]: undefined })
  expect(error.toJSON()).toMatchObject({ code: 'ID_INVALID', data: { field } })
})

describe.each(every<unknown>([...UNUSABLE.slice(0, 5), ...WRONG_TYPES]))(
  'an unusable %s (%s)',
  (field, _what, value) => {
    const key = { ...VALID, [field]: value }
    const calls = (manager: WorkspaceManager): Record<string, () => unknown> => ({
      get: () => manager.get(key),
      refresh: () => manager.refresh(key),
      finish: () => manager.finish(key, 'succeeded'),
      cleanup: () => manager.cleanup(key),
      checkoutPath: () => manager.checkoutPath(key.envId, key.taskId, key.runId),
      ...(field === 'envId' && {
        list: () => manager.list({ envId: key.envId }),
        cleanupAll: () => manager.cleanupAll(key.envId),
        withLock: () => manager.withLock(key.envId, () => Promise.resolve()),
        'checkoutPath of the environment': () => manager.checkoutPath(key.envId),
      }),
    })
    const names = Object.keys(calls(new WorkspaceManager({ root: '/nowhere' })))

    test.concurrent.each(names)('is refused by %s', async (name) => {
      const directory = await temporaryDirectory()
      const manager = new WorkspaceManager({ root: join(directory, 'root') })
      const error = await refusal(() => calls(manager)[name]?.())
      expect(error.toJSON()).toMatchObject({ code: 'ID_INVALID', data: { field } })
      expect(await snapshotTree(directory)).toEqual({})
    })
  },
)
