import { rm } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { agentGit, KEY, makeStage } from '../verbs/stage.js'
import { stateOf, UPSTREAM_FILES } from './agent-state.js'
import { KINDS_OF_REPOSITORIES } from './kinds-of-repositories.js'

describe('an archived clone', () => {
  it.each(KINDS_OF_REPOSITORIES)('comes back with $name', async ({ make, tell }) => {
    const stage = await makeStage({}, { files: UPSTREAM_FILES })
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
