import { describe, expect, it } from 'vitest'
import { CHECKOUTS, KEY, makeStage } from '../verbs/stage.js'
import { stateOf, UPSTREAM_FILES } from './agent-state.js'
import { KINDS_OF_WORK } from './kinds-of-work.js'

describe.each(CHECKOUTS)('an archived %s', (strategy) => {
  it.each(KINDS_OF_WORK)('comes back with $name', async ({ make }) => {
    const stage = await makeStage({}, { files: UPSTREAM_FILES })
    const workspace = await stage.prepare({ strategy, agentName: 'dev' })
    await make(workspace, stage)
    const before = await stateOf(workspace)

    const report = await stage.manager.cleanup(KEY)
    expect(report.action).toBe('removed')
    expect(report.archive?.archiveId).toMatch(/^task-1\.\d{8}T\d{6}Z-[0-9a-f]{4}$/)

    const restored = await stage.manager.restore(KEY)
    expect(await stateOf(restored)).toEqual(before)
  })
})
