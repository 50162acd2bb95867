import { mkdir, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { SweepReport } from 'git-task-isolation'
import { expect, test } from 'vitest'
import { runTypeScript } from '../../helpers/run-program.js'
import { agentWrites } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'
import { inDays } from './set-back.js'

test('three processes share what is to be done', async () => {
  const { prepare, manager, root, layout } = await makeWarmStage()
  for (const taskId of ['one', 'two', 'three', 'four']) {
    const workspace = await prepare({ taskId })
    await agentWrites(workspace, 'work.txt')
    await workspace.finish('succeeded')
  }
  const gone = ['gone-1', 'gone-2', 'gone-3']
  for (const name of gone) {
    const folder = join(layout.trashDir, name, `${name}.0123abcd`)
    await mkdir(folder, { recursive: true })
    await writeFile(join(folder, 'file'), Buffer.alloc(10_000, 1))
  }
  const reports = await sweepFrom(root, 3)
  const done = reports.flatMap(({ decisions }) =>
    decisions.filter(({ action, error }) => action === 'remove' && error === undefined),
  )
  const names = (wanted: string) =>
    done.filter(({ kind }) => kind === wanted).map(({ path = '' }) => basename(path))
  expect(names('workspace').sort()).toEqual(['four', 'one', 'three', 'two'])
  // What one has just moved to the trash another may find there.
  const trash = names('trash').filter((name) => name.startsWith('gone'))
  expect(trash.sort()).toEqual(gone)
  expect(reports.map(({ failed }) => failed)).toEqual([0, 0, 0])
  const archives = await manager.archives({ envId: 'shop' })
  expect(archives.map(({ taskId }) => taskId).sort()).toEqual(['four', 'one', 'three', 'two'])
})

async function sweepFrom(root: string, processes: number): Promise<SweepReport[]> {
  const program = join(import.meta.dirname, 'sweep-child.ts')
  const args = [root, inDays(8).toISOString()]
  const runs = await Promise.all(Array.from({ length: processes }, () => runTypeScript(program, args)))
  return runs.map(({ stdout, stderr }): SweepReport => {
    expect(stderr).toBe('')
    return JSON.parse(stdout)
  })
}
