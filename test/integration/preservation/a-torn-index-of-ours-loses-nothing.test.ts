import { truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { agentWrites, KEY } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'
import { stateOf, UPSTREAM_FILES } from './agent-state.js'

test.each([
  ['empty', 0],
  ['cut short', 150],
])('that is %s', async (_what, bytes) => {
  const stage = await makeWarmStage({}, { files: UPSTREAM_FILES })
  const workspace = await stage.prepare()
  await agentWrites(workspace, 'README.md', 'changed\n')
  await truncate(join(stage.layout.indexesDir, 'task-1.index'), bytes)
  const before = await stateOf(workspace)
  expect((await stage.manager.cleanup(KEY)).action).toBe('removed')
  expect(await stateOf(await stage.manager.restore(KEY))).toEqual(before)
})
