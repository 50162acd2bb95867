import fc from 'fast-check'
import type { Workspace } from 'git-task-isolation'
import { expect, it } from 'vitest'
import { CHECKOUTS } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'
import { type AgentAction, agentAction, EVERY_ACTION, write } from './agent-actions.js'
import { stateOf, UPSTREAM_FILES } from './agent-state.js'

/** More of them find more: GTI_RESTORE_RUNS=200. */
const RUNS = Number(process.env['GTI_RESTORE_RUNS'] ?? 9)

/** What a run of the usual length never takes. */
const TIME_LIMIT_MS = Math.max(300_000, RUNS * 5_000)

/** What a task is made as, and what its agent does. */
type Life = [strategy: (typeof CHECKOUTS)[number], actions: AgentAction[]]

/** The control does not depend on chance: these leave work behind for certain. */
const EXAMPLES: [Life][] = [
  [['clone', [...EVERY_ACTION]]],
  [['worktree', [...EVERY_ACTION]]],
  [['worktree', [write('README.md', 'three\nfour\n')]]],
]

const life = fc.tuple(fc.constantFrom(...CHECKOUTS), fc.array(agentAction, { minLength: 1, maxLength: 14 }))

it('a checkout comes back after any sequence of actions', { timeout: 2 * TIME_LIMIT_MS }, async () => {
  const stage = await makeWarmStage({}, { files: UPSTREAM_FILES })
  let [tasks, archives] = [0, 0]
  const holds = async ([strategy, sequence]: Life): Promise<void> => {
    tasks += 1
    const key = { envId: 'shop', taskId: `task-${tasks}` }
    const workspace = await stage.prepare({ ...key, strategy, branch: `agent/dev/${tasks}` })
    for (const action of sequence) await action.run(workspace)
    if (sequence[0] === EVERY_ACTION[0]) await expectEffects(workspace)
    const before = await stateOf(workspace)
    const { archive } = await stage.manager.cleanup(key)
    if (archive !== undefined) {
      archives += 1
      expect(await stateOf(await stage.manager.restore(key))).toEqual(before)
    }
    await stage.manager.cleanup(key, { onUnsavedWork: 'discard' })
  }
  const limits = { numRuns: RUNS, examples: EXAMPLES, interruptAfterTimeLimit: TIME_LIMIT_MS }
  await fc.assert(fc.asyncProperty(life, holds), limits)
  expect(archives, 'the control: work was left behind').toBeGreaterThanOrEqual(EXAMPLES.length)
})

/** The control: none of the actions was one that could not be done. */
async function expectEffects(workspace: Workspace): Promise<void> {
  const { unsavedWork } = await workspace.cleanup({ dryRun: true })
  expect(unsavedWork).toMatchObject({ inProgress: ['rebase'], stashes: 1 })
  const changed = ['docs/a.md', 'docs/b.md', 'moved.md', 'README.md', 'READ.md', 'run.sh', 'src/app.ts']
  expect([...(unsavedWork?.changedFiles ?? [])].sort()).toEqual(changed.sort())
  // The edit, one that was reset, and the two sides of the rebase.
  expect(unsavedWork?.commits).toHaveLength(4)
}
