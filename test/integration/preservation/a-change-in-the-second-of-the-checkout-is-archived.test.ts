import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workspace } from 'git-task-isolation'
import { expect, test } from 'vitest'
import { CHECKOUTS } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'

const TRIES = 20

/** As many bytes as the upstream's file has, so that only its content tells. */
const CHANGED = '# Upstreal\n'

test.each(CHECKOUTS)('also where its size is the same, with the strategy %s', async (strategy) => {
  const stage = await makeWarmStage()
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    const key = { envId: 'shop', taskId: `task-${attempt}` }
    const workspace = await stage.prepare({ ...key, strategy })
    const isOfTheSameSecond = await changeAtOnce(workspace)
    await stage.manager.cleanup(key)
    const restored = await stage.manager.restore(key)
    expect(await readFile(join(restored.workDir, 'README.md'), 'utf8')).toBe(CHANGED)
    if (isOfTheSameSecond) return
  }
  expect.fail(`in ${TRIES} tries no change fell into the second of its checkout`)
})

async function changeAtOnce(workspace: Workspace): Promise<boolean> {
  const file = join(workspace.workDir, 'README.md')
  const before = await stat(file)
  await writeFile(file, CHANGED)
  const after = await stat(file)
  expect(after.size).toBe(before.size)
  return Math.floor(after.mtimeMs / 1000) === Math.floor(before.mtimeMs / 1000)
}
