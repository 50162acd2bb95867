import { execFile } from 'node:child_process'
import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { SweepReport } from 'git-task-isolation'
import { expect, test } from 'vitest'
import { taskLayout } from '../../../src/model/layout.js'
import { runTypeScript } from '../../helpers/run-program.js'
import { CHECKOUTS, createCrashStage } from '../recovery/crash-stage.js'
import { isThere } from '../verbs/presence.js'
import { setRecordBack, setTreesBack } from './set-back.js'

const KEY = { envId: 'shop', taskId: 'task' } as const
const NOBODY = 65_534

test.runIf(process.platform === 'linux')('an abandoned workspace with a folder that is closed', async () => {
  const stage = await createCrashStage(CHECKOUTS[3])
  await stage.crash({ verb: 'prepare', operation: 'none', step: 'none' })
  const { rootDir, outputDir, workDir } = taskLayout(stage.root, KEY)
  await setRecordBack(stage.root, KEY, 20)
  await setTreesBack(20, rootDir)
  await giveAway(join(stage.root, '..'))
  await chmod(outputDir, 0o000)
  const closed = await sweepAsNobody(stage.root)
  expect(closed.decisions).toMatchObject([{ key: KEY, action: 'keep', attention: 'needed' }])
  expect(closed.decisions[0]?.reason).toMatch(/whether anything in it has changed cannot be told \(EACCES/)
  expect(await isThere(workDir)).toBe(true)
  await chmod(outputDir, 0o700)
  expect(await sweepAsNobody(stage.root)).toMatchObject({ removed: 1, failed: 0 })
})

async function giveAway(directory: string): Promise<void> {
  if (process.getuid?.() === 0) await promisify(execFile)('chown', ['-R', `${NOBODY}`, directory])
}

async function sweepAsNobody(root: string): Promise<SweepReport> {
  const args = [root, new Date().toISOString()]
  const { stdout, stderr } = await runTypeScript(join(import.meta.dirname, 'sweep-child.ts'), args, {
    env: { AS_NOBODY: 'yes' },
  })
  expect(stderr).toBe('')
  return JSON.parse(stdout)
}
