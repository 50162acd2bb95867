import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CHECKOUTS, makeStage } from '../verbs/stage.js'
import { type AgentAction, agentAction, write } from './agent-actions.js'
import { stateOf, UPSTREAM_FILES } from './agent-state.js'

/** More of them find more: GTI_RESTORE_RUNS=200. */
const RUNS = Number(process.env['GTI_RESTORE_RUNS'] ?? 8)

/** The control does not depend on chance: these leave work behind for certain. */
const EXAMPLES: [AgentAction[]][] = [[[write('new.txt', 'one\n')]], [[write('README.md', 'three\nfour\n')]]]

const actions = fc.array(agentAction, { minLength: 1, maxLength: 14 })

describe.each(CHECKOUTS)('a %s', (strategy) => {
  it('comes back after any sequence of actions', { timeout: 600_000 }, async () => {
    const stage = await makeStage({}, { files: UPSTREAM_FILES })
    let [tasks, archives] = [0, 0]
    const holds = async (sequence: AgentAction[]): Promise<void> => {
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
    const limits = { numRuns: RUNS, examples: EXAMPLES, interruptAfterTimeLimit: 300_000 }
    await fc.assert(fc.asyncProperty(actions, holds), limits)
    expect(archives, 'the control: work was left behind').toBeGreaterThanOrEqual(EXAMPLES.length)
  })
})
