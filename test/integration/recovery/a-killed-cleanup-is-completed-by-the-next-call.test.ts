import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { CHECKOUTS, createCrashStage } from './crash-stage.js'

const STEPS = ['look', 'mark', 'trash', 'unregister', 'empty', 'release'] as const

/** Every step where there is most to complete; the moments between which the kinds differ for the others. */
const stepsOf = (name: string) =>
  name === 'a worktree of a URL' ? STEPS : (['trash', 'unregister'] as const)

describe.each(CHECKOUTS)('a cleanup of $name', (checkout) => {
  it.each(stepsOf(checkout.name))('killed before "%s" is completed by the next cleanup', async (step) => {
    const stage = await createCrashStage(checkout)
    await (await stage.prepare()).finish('succeeded')
    expect(await stage.crash({ verb: 'cleanup', operation: 'cleanup', step })).toBe('killed')
    expect((await stage.manager.cleanup({ envId: 'shop', taskId: 'task' })).action).toBe('removed')
    await stage.expectNothingLeft()
  })

  it.each(['unregister'] as const)('killed before "%s" stands in no prepare\'s way', async (step) => {
    const stage = await createCrashStage(checkout)
    await (await stage.prepare()).finish('succeeded')
    await stage.crash({ verb: 'cleanup', operation: 'cleanup', step })
    const workspace = await stage.prepare()
    expect((await stage.manager.list()).map(({ state }) => state)).toEqual(['ready'])
    await workspace.cleanup()
    await stage.expectNothingLeft()
  })

  it('killed halfway keeps the artifacts that it was to keep', async () => {
    const stage = await createCrashStage(checkout)
    const workspace = await stage.prepare()
    await writeFile(join(workspace.outputDir, 'result.txt'), 'worth keeping\n')
    await workspace.finish('succeeded')
    await stage.crash({ verb: 'cleanup', operation: 'cleanup', step: 'unregister', keep: 'artifacts' })
    await stage.manager.cleanup({ envId: 'shop', taskId: 'task' })
    expect(await readFile(join(workspace.outputDir, 'result.txt'), 'utf8')).toBe('worth keeping\n')
  })

  it('killed while it discards work is completed as it was meant', async () => {
    const stage = await createCrashStage(checkout)
    const workspace = await stage.prepare()
    await mkdir(join(workspace.workDir, 'folder'))
    await writeFile(join(workspace.workDir, 'folder', 'unsaved.txt'), 'to be lost\n')
    await workspace.finish('succeeded')
    await stage.crash({ verb: 'cleanup', operation: 'cleanup', step: 'trash', onUnsavedWork: 'discard' })
    expect((await stage.manager.cleanup({ envId: 'shop', taskId: 'task' })).action).toBe('removed')
    await stage.expectNothingLeft()
  })
})
