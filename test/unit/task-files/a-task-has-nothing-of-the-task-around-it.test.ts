import { expect, test } from 'vitest'
import { taskLayout } from '../../../src/model/layout.js'
import type { SessionRecord } from '../../../src/model/session-record.js'
import { childEnvironment } from '../../../src/task-files/task-environment.js'

const KEY = { envId: 'shop', taskId: 'plain' } as const
const RECORD: SessionRecord = {
  ...KEY,
  formatVersion: 2,
  state: 'ready',
  strategy: 'directory',
  rootDir: '/root/managed-repos/shop/tasks/plain',
  workDir: '/root/managed-repos/shop/tasks/plain/workdir',
  owner: { host: 'here', pid: 1, processStart: '1', id: '1', bootId: '' },
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
}

const INHERITED = { AGENT_NAME: 'other', RUN_ID: '7', TASK_BRANCH: 'agent/other/task' }

test.each([
  {
    from: 'a shell that has the environment of another task',
    TASK_ROOT: '/root/managed-repos/shop/tasks/other',
  },
  { from: 'a shell with variables of its own', TASK_ROOT: undefined },
])('$from', ({ TASK_ROOT }) => {
  const shell = { ...INHERITED, ...(TASK_ROOT === undefined ? {} : { TASK_ROOT }) }
  const child: NodeJS.ProcessEnv = { ...shell, ...childEnvironment(RECORD, taskLayout('/root', KEY), shell) }
  const { AGENT_NAME, RUN_ID, TASK_ID } = child
  const expected = TASK_ROOT === undefined ? { AGENT_NAME: 'other', RUN_ID: '7' } : {}
  expect({ AGENT_NAME, RUN_ID, TASK_ID }).toEqual({ ...expected, TASK_ID: 'plain' })
})
