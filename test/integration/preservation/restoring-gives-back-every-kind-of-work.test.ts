import { rm } from 'node:fs/promises'
import type { Workspace } from 'git-task-isolation'
import { expect, it } from 'vitest'
import { type GitResult, tryGit } from '../../helpers/run-git.js'
import { isThere } from '../verbs/presence.js'
import { CHECKOUTS, failureOf, KEY } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'
import { stateOf, UPSTREAM_FILES } from './agent-state.js'
import type { KindOfWork } from './kind-of-work.js'
import { GROUPS_OF_WORK } from './kinds-of-work.js'

/** What is of the tree and the index alone comes back in one way: each group of it has one strategy, in turns. */
const CASES = GROUPS_OF_WORK.flatMap(({ names, isOfRefs, kinds }, turn) =>
  CHECKOUTS.filter((_, at) => isOfRefs || at === turn % CHECKOUTS.length).map((strategy) => ({
    names,
    strategy,
    kinds,
  })),
)

it.each(CASES)('an archived $strategy comes back with $names', async ({ strategy, kinds }) => {
  try {
    await comesBack(strategy, kinds)
  } catch (error) {
    throw await withName(strategy, kinds, error)
  }
})

async function comesBack(strategy: (typeof CHECKOUTS)[number], kinds: readonly KindOfWork[]): Promise<void> {
  const stage = await makeWarmStage({}, { files: UPSTREAM_FILES })
  const workspace = await stage.prepare({ strategy, agentName: 'dev' })
  for (const { make } of kinds) await make(workspace, stage)
  const before = await stateOf(workspace)

  const refused = await failureOf(stage.manager.cleanup(KEY, { onUnsavedWork: 'refuse' }))
  expect(refused.code).toBe('UNSAVED_WORK')
  const report = await stage.manager.cleanup(KEY)
  expect(report.action).toBe('removed')
  expect(report.archive?.archiveId).toMatch(/^task-1\.\d{8}T\d{6}Z-[0-9a-f]{4}$/)

  const restored = await stage.manager.restore(KEY)
  expect(await stateOf(restored)).toEqual(before)
  // The control: what is at hand otherwise takes it away, and says nothing.
  expect(await removePlainly(strategy, restored)).toEqual({ code: 0, stdout: '', stderr: '' })
  expect(await isThere(restored.workDir)).toBe(false)
}

/** Each kind alone, so that the failure has the name of the one that does not come back. */
async function withName(
  strategy: (typeof CHECKOUTS)[number],
  kinds: readonly KindOfWork[],
  failure: unknown,
): Promise<unknown> {
  for (const kind of kinds) {
    const alone = await comesBack(strategy, [kind]).catch((error: unknown) => error)
    if (alone !== undefined) return new Error(`lost: ${kind.name}`, { cause: alone })
  }
  return failure
}

async function removePlainly(
  strategy: (typeof CHECKOUTS)[number],
  { workDir, session }: Workspace,
): Promise<GitResult> {
  if (strategy === 'worktree') {
    const repository = session.tree?.gitDir ?? ''
    return tryGit(repository, 'worktree', 'remove', '--force', '--force', workDir)
  }
  await rm(workDir, { recursive: true })
  return { code: 0, stdout: '', stderr: '' }
}
