import { rm } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { agentGit, KEY } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'
import { stateOf, UPSTREAM_FILES } from './agent-state.js'
import { KINDS_OF_REPOSITORIES } from './kinds-of-repositories.js'

describe('an archived clone', () => {
  it.each(KINDS_OF_REPOSITORIES)('comes back with $name', async ({ make, tell }) => {
    const stage = await makeWarmStage({}, { files: UPSTREAM_FILES })
    const workspace = await stage.prepare({ agentName: 'dev' })
    await make(workspace, stage)
    const before = await stateOf(workspace)
    const told = await tell(workspace)
    expect(await stage.manager.cleanup(KEY)).toMatchObject({ action: 'removed', archive: expect.anything() })
    await rm(stage.layout.mirrorDir, { recursive: true })

    const restored = await stage.manager.restore(KEY)
    expect(await stateOf(restored)).toEqual(before)
    await agentGit(restored, 'fsck', '--no-dangling')
    expect(await tell(restored)).toBe(told)
  })
})
