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

describe('what keeps one', () => {
  test('its record alone', async () => {
    const { stage, decide } = await abandon(clone, 20)
    await setRecordBack(stage.root, KEY, 2)
    expect(await decide()).toMatchObject({
      action: 'keep',
      reason: expect.stringMatching(/it was last used 2 days ago; it is kept for 7 days$/),
    })
  })

  test.each([
    ['a change in the checkout', 'workdir/README.md'],
    ['a new file in the output', 'output/result.json'],
    ['a line in a log', 'logs/agent.log'],
    ['its state', 'state/memory.db'],
    ['a ref of its own repository', 'workdir/.git/HEAD'],
  ])('%s', async (_what, name) => {
    const { task, decide } = await abandon(clone, 20)
    await appendFile(join(task.rootDir, name), ' ')
    expect(await decide()).toMatchObject({
      action: 'keep',
      reason: expect.stringMatching(/, and [\w./]+ has changed within 7 days$/),
    })
    expect(await isThere(join(task.rootDir, name))).toBe(true)
  })

  test('a file that was removed', async () => {
    const { task, decide } = await abandon(clone, 20)
    await rm(join(task.workDir, 'README.md'))
    expect(await decide()).toMatchObject({
      action: 'keep',
      reason: expect.stringContaining('workdir has changed'),
    })
  })

  test("a worktree's place in its repository", async () => {
    const { registrations, decide } = await abandon(worktree, 20)
    const [folder = ''] = registrations
    const [name = ''] = await readdir(folder)
    await appendFile(join(folder, name, 'HEAD'), '\n')
    expect(await decide()).toMatchObject({ action: 'keep' })
  })

  test('a file from the future', async () => {
    const { task, decide } = await abandon(clone, 20)
    await writeFile(join(task.outputDir, 'later'), '')
    await setTreesBack(-5, task.outputDir)
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
