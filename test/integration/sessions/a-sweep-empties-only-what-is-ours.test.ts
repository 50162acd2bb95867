import { mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { WorkspaceManager } from 'git-task-isolation'
import { beforeEach, expect, test } from 'vitest'
import { ownersDir } from '../../../src/model/layout.js'
import type { Stage } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'

let stage: Stage
let outside = ''
beforeEach(async () => {
  stage = await makeWarmStage()
  await (await stage.prepare()).cleanup()
  await stage.manager.close()
  outside = join(stage.directory, 'outside')
  await mkdir(join(outside, 'task-8'), { recursive: true })
  await writeFile(join(outside, 'task-8', 'file.0123abcd'), 'precious')
  await writeFile(join(outside, 'task-9.index'), 'precious')
})

async function sweepAgain() {
  await using manager = new WorkspaceManager({ root: stage.root })
  return await manager.sweep()
}

async function leadOutside(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true })
  await mkdir(join(folder, '..'), { recursive: true })
  await symlink(outside, folder)
}

const content = async () => (await readdir(outside, { recursive: true })).sort()
const ALL = ['task-8', 'task-8/file.0123abcd', 'task-9.index']

test('a trash that is a link is named, and nothing behind it is touched', async () => {
  await leadOutside(stage.layout.trashDir)
  const { decisions } = await sweepAgain()
  expect(decisions).toContainEqual(
    expect.objectContaining({
      kind: 'trash',
      path: stage.layout.trashDir,
      action: 'keep',
      attention: 'needed',
    }),
  )
  expect(await content()).toEqual(ALL)
})

test.each(['indexesDir', 'scratchDir', 'locksDir', 'archivesDir'] as const)(
  'the same for %s',
  async (folder) => {
    await leadOutside(stage.layout[folder])
    const { decisions } = await sweepAgain()
    expect(decisions).toContainEqual(
      expect.objectContaining({ action: 'keep', error: expect.stringContaining(stage.layout[folder]) }),
    )
    expect(await content()).toEqual(ALL)
  },
)

test('and for the leases of processes', async () => {
  await leadOutside(ownersDir(stage.root))
  const owner = { host: 'elsewhere', pid: 1, processStart: '', bootId: '', id: 'task-7' }
  await writeFile(join(outside, '.task-7.json.tmp-00000000-1-00000000-0123abcd'), JSON.stringify(owner))
  const { decisions } = await sweepAgain()
  expect(decisions).toContainEqual(
    expect.objectContaining({ action: 'keep', error: expect.stringContaining(ownersDir(stage.root)) }),
  )
})

test('in the trash a name that no removal gives is kept and named, and ours goes', async () => {
  const { trashDir } = stage.layout
  const ours = join(trashDir, 'task-5', 'task-5.0123abcd')
  const others = [join(trashDir, 'precious'), join(trashDir, 'task-6', 'precious')]
  for (const folder of [ours, join(trashDir, 'task-6', 'task-6.0123abcd')])
    await mkdir(folder, { recursive: true })
  for (const file of others) await writeFile(file, 'precious')
  const { decisions, removed } = await sweepAgain()
  expect(removed).toBe(1)
  const kept = decisions.filter(({ kind, action }) => kind === 'trash' && action === 'keep')
  expect(kept.map(({ path }) => path).sort()).toEqual([others[0], join(trashDir, 'task-6')])
  expect(kept.find(({ path }) => path?.endsWith('task-6'))?.reason).toContain(others[1])
  expect((await readdir(trashDir)).sort()).toEqual(['precious', 'task-6'])
})
