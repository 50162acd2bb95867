import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { git } from '../../helpers/run-git.js'
import { runTypeScript } from '../../helpers/run-program.js'
import { CHECKOUTS, failureOf } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'

const child = fileURLToPath(new URL('prepare-same-branch.ts', import.meta.url))
const wish = { branch: 'same', onBranchTaken: 'suffix' } as const

describe.each(CHECKOUTS)('with the strategy %s', (strategy) => {
  test('many tasks of two processes that want one branch get one each', async () => {
    const { root, upstream, layout } = await makeWarmStage()
    const runs = ['a', 'b'].map((prefix) => runTypeScript(child, [root, upstream.url, strategy, prefix, '3']))
    const branches: string[] = []
    for (const { code, stdout, stderr } of await Promise.all(runs)) {
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
      branches.push(...(JSON.parse(stdout) as string[]))
    }
    const expected = ['same', ...Array.from({ length: 5 }, (_, index) => `same-${index + 2}`)]
    expect(branches.sort()).toEqual(expected.sort())
    if (strategy === 'worktree') {
      const refs = await git(layout.mirrorDir, 'for-each-ref', '--format=%(refname:short)', 'refs/heads')
      expect(refs.split('\n').sort()).toEqual(expected)
    }
  })

  test('the name of a removed workspace is free again', async () => {
    const { prepare } = await makeWarmStage()
    const first = await prepare({ strategy, ...wish })
    const second = await prepare({ strategy, ...wish, taskId: 'task-2' })
    await first.cleanup()
    const third = await prepare({ strategy, ...wish, taskId: 'task-3' })
    expect([first.branch, second.branch, third.branch]).toEqual(['same', 'same-2', 'same'])
  })

  test('without the wish for another name the holder is named', async () => {
    const { prepare } = await makeWarmStage()
    await prepare({ strategy, branch: 'same' })
    const { code, data } = await failureOf(prepare({ strategy, branch: 'same', taskId: 'task-2' }))
    expect(code).toBe('BRANCH_TAKEN')
    expect(data['holder']).toMatch(/^the session shop\/task-1 \(process \d+ on /)
  })

  test('a retry with a new run never meets its predecessor', async () => {
    const { prepare } = await makeWarmStage()
    const first = await prepare({ strategy, runId: 'r1' })
    const second = await prepare({ strategy, runId: 'r2' })
    expect(second.rootDir).not.toBe(first.rootDir)
    expect(second.branch).not.toBe(first.branch)
  })
})

test("tasks of as many environments that share a caller's repository get one each", async () => {
  const { prepare, upstream } = await makeWarmStage()
  const asked = { ...wish, source: upstream.path, strategy: 'worktree' }
  const many = Array.from({ length: 5 }, (_, index) => prepare({ ...asked, envId: `shop-${index}` }))
  const branches = (await Promise.all(many)).map(({ branch }) => branch)
  expect(new Set(branches).size).toBe(5)
})
