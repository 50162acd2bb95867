import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workspace } from 'git-task-isolation'
import { describe, expect, it } from 'vitest'
import { CHECKOUTS, createCrashStage } from './crash-stage.js'

const KEY = { envId: 'shop', taskId: 'task' }

const STEPS = ['look', 'mark', 'trash', 'unregister', 'empty', 'release'] as const

/** Every step where there is most to complete; the moments between which the kinds differ for the others. */
const stepsOf = (name: string) =>
  name === 'a worktree of a URL' ? STEPS : (['trash', 'unregister'] as const)

describe.each(CHECKOUTS)('a cleanup of $name', (checkout) => {
  // Each one starts from what the one before it left, and gets further.
  it('killed before one step after the other is completed as it was meant', async () => {
    const stage = await createCrashStage(checkout)
    const workspace = await stage.prepare()
    const discards = checkout.name !== 'a worktree of a URL'
    if (discards) await leaveWork(workspace)
    await workspace.finish('succeeded')
    const plan = { verb: 'cleanup', operation: 'cleanup' } as const
    const onUnsavedWork = discards ? 'discard' : 'refuse'
    for (const step of stepsOf(checkout.name))
      expect(await stage.crash({ ...plan, step, onUnsavedWork }), step).toBe('killed')
    expect((await stage.manager.cleanup(KEY)).action).toBe('removed')
    await stage.expectNothingLeft()
  })

  it("killed halfway stands in no prepare's way, and keeps the artifacts that it was to keep", async () => {
    const stage = await createCrashStage(checkout)
    const killed = await stage.prepare()
    await writeFile(join(killed.outputDir, 'result.txt'), 'worth keeping\n')
    await killed.finish('succeeded')
    await stage.crash({ verb: 'cleanup', operation: 'cleanup', step: 'unregister', keep: 'artifacts' })
    const workspace = await stage.prepare()
    expect((await stage.manager.list()).map(({ state }) => state)).toEqual(['ready'])
    expect(await readFile(join(killed.outputDir, 'result.txt'), 'utf8')).toBe('worth keeping\n')
    await workspace.cleanup()
    await stage.expectNothingLeft()
  })
})

it('the artifacts that it was to keep are kept by the next cleanup as well', async () => {
  const stage = await createCrashStage(CHECKOUTS[1])
  const workspace = await stage.prepare()
  await writeFile(join(workspace.outputDir, 'result.txt'), 'worth keeping\n')
  await workspace.finish('succeeded')
  await stage.crash({ verb: 'cleanup', operation: 'cleanup', step: 'unregister', keep: 'artifacts' })
  await stage.manager.cleanup(KEY)
  expect(await readFile(join(workspace.outputDir, 'result.txt'), 'utf8')).toBe('worth keeping\n')
})

async function leaveWork({ workDir }: Workspace): Promise<void> {
  await mkdir(join(workDir, 'folder'))
  await writeFile(join(workDir, 'folder', 'unsaved.txt'), 'to be lost\n')
}
