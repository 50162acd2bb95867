import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CHECKOUTS, makeStage } from '../verbs/stage.js'
import { type AgentAction, agentAction } from './agent-actions.js'
import { stateOf, UPSTREAM_FILES } from './agent-state.js'

/** More of them find more: GTI_RESTORE_RUNS=200. */
const RUNS = Number(process.env['GTI_RESTORE_RUNS'] ?? 8)

const actions = fc.array(agentAction, { minLength: 1, maxLength: 14 })

describe.each(CHECKOUTS)('a %s', (strategy) => {
  it('comes back after any sequence of actions', { timeout: 600_000 }, async () => {
    const stage = await makeStage({}, { files: UPSTREAM_FILES })
    let [tasks, archives] = [0, 0]
    const holds = async (sequence: readonly AgentAction[]): Promise<void> => {
      tasks += 1
      const key = { envId: 'shop', taskId: `task-${tasks}` }
      const workspace = await stage.prepare({ ...key, strategy, branch: `agent/dev/${tasks}` })
      for (const action of sequence) await action.run(workspace)
      const before = await stateOf(workspace)
      const { archive } = await stage.manager.cleanup(key)
      if (archive !== undefined) {
        archives += 1
        expect(await stateOf(await stage.manager.restore(key))).toEqual(before)
      }
      await stage.manager.cleanup(key, { onUnsavedWork: 'discard' })
    }
    const limits = { numRuns: RUNS, interruptAfterTimeLimit: 300_000 }
    await fc.assert(fc.asyncProperty(actions, holds), limits)
    expect(archives, 'the control: many sequences leave work behind').toBeGreaterThan(tasks / 4)
  })
})
