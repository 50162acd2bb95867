import { appendFile, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { environmentLayout, taskLayout } from '../../../src/model/layout.js'
import { CHECKOUTS, createCrashStage } from '../recovery/crash-stage.js'
import { isThere } from '../verbs/presence.js'
import { inDays, setRecordBack, setTreesBack } from './set-back.js'

const KEY = { envId: 'shop', taskId: 'task' } as const

/** A workspace whose orchestrator ended without a word, and in which nothing has changed for some days. */
async function abandon(checkout: (typeof CHECKOUTS)[number], days: number) {
  const stage = await createCrashStage(checkout)
  expect(await stage.crash({ verb: 'prepare', operation: 'none', step: 'none' })).toBe('ended')
  const task = taskLayout(stage.root, KEY)
  const registrations = (await stage.manager.list()).flatMap(({ tree }) =>
    tree?.gitDir === undefined ? [] : [join(tree.gitDir, 'worktrees')],
  )
  await setRecordBack(stage.root, KEY, days)
  await setTreesBack(days, task.rootDir, ...registrations)
  const decide = async () => (await stage.manager.sweep()).decisions.find(({ key }) => key?.taskId === 'task')
  return { stage, task, registrations, decide }
}

describe.each(CHECKOUTS)('$name', (checkout) => {
  test('in which nothing has changed for seven days goes, with all that it had', async () => {
    const { stage, decide } = await abandon(checkout, 7.1)
    const decision = await decide()
    expect(decision).toMatchObject({ kind: 'workspace', action: 'remove' })
    expect(decision?.error).toBeUndefined()
    expect(decision?.reason).toMatch(
      /^its owner is gone \(process \d+ on .+\), it was last used 7 days ago, and nothing in it has changed for 7 days$/,
    )
    await stage.expectNothingLeft()
  })
})

const [clone, worktree] = CHECKOUTS

/** A file of the checkout, a new one in the output, a log, its state, and a ref of its own repository. */
const CHANGED = [
  'workdir/README.md',
  'output/result.json',
  'logs/agent.log',
  'state/memory.db',
  'workdir/.git/HEAD',
]

describe('what keeps one', () => {
  test('its record alone', async () => {
    const { stage, decide } = await abandon(clone, 20)
    await setRecordBack(stage.root, KEY, 2)
    expect(await decide()).toMatchObject({
      action: 'keep',
      reason: expect.stringMatching(/it was last used 2 days ago; it is kept for 7 days$/),
    })
  })

  test('a change of any kind below its folder', async () => {
    const { task, decide } = await abandon(clone, 20)
    for (const name of CHANGED) {
      await appendFile(join(task.rootDir, name), ' ')
      expect(await decide(), name).toMatchObject({
        action: 'keep',
        reason: expect.stringMatching(/, and [\w./]+ has changed within 7 days$/),
      })
      expect(await isThere(join(task.rootDir, name))).toBe(true)
      await setTreesBack(20, task.rootDir)
    }
    await rm(join(task.workDir, 'README.md'))
    expect(await decide(), 'a file that was removed').toMatchObject({
      action: 'keep',
      reason: expect.stringContaining('workdir has changed'),
    })
    await setTreesBack(20, task.rootDir)
    await writeFile(join(task.outputDir, 'later'), '')
    await setTreesBack(-5, task.outputDir)
    expect(await decide(), 'a file from the future').toMatchObject({ action: 'keep' })
    // The control: it goes when nothing keeps it.
    await setTreesBack(20, task.rootDir)
    expect(await decide()).toMatchObject({ action: 'remove' })
  })

  test("a worktree's place in its repository", async () => {
    const { registrations, decide } = await abandon(worktree, 20)
    const [folder = ''] = registrations
    const [name = ''] = await readdir(folder)
    await appendFile(join(folder, name, 'HEAD'), '\n')
    expect(await decide()).toMatchObject({ action: 'keep' })
  })
})

test("another workspace's clone of the same mirror is no activity", async () => {
  const { stage, decide } = await abandon(clone, 20)
  const other = await stage.manager.prepare({
    ...KEY,
    taskId: 'other',
    source: stage.source,
    strategy: 'clone',
  })
  await other.cleanup()
  expect(await decide()).toMatchObject({ action: 'remove' })
})

test('one whose owner lives stays, however old it is', async () => {
  const stage = await createCrashStage(clone)
  const workspace = await stage.prepare()
  const { decisions } = await stage.manager.sweep({ now: inDays(1000) })
  expect(decisions).toMatchObject([{ action: 'keep', reason: expect.stringContaining('its owner lives') }])
  expect(await isThere(workspace.workDir)).toBe(true)
})

test('a change between the plan and its turn keeps it', async () => {
  const { stage, task } = await abandon(clone, 20)
  const plan = await stage.manager.sweep({ dryRun: true })
  expect(plan.decisions).toMatchObject([{ action: 'remove' }])
  expect(await readdir(environmentLayout(stage.root, 'shop').trashDir).catch(() => [])).toEqual([])
  await appendFile(join(task.workDir, 'README.md'), 'more')
  expect((await stage.manager.sweep()).decisions).toMatchObject([{ action: 'keep' }])
})
