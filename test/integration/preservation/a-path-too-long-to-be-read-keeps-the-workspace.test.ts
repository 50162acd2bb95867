import { execFile } from 'node:child_process'
import { mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it, onTestFinished } from 'vitest'
import { failureOf } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'
import { workFoundIn } from './look.js'

const deep = (from: string) => join(from, ...Array.from({ length: 15 }, () => 'd'.repeat(200)))

it('and is named', async () => {
  const { prepare } = await makeWarmStage()
  const workspace = await prepare()
  const { workDir, stateDir } = workspace
  // Node itself cannot take away what it cannot name.
  onTestFinished(async () => void (await promisify(execFile)('rm', ['-rf', deep(workDir)])))
  await mkdir(deep(join(stateDir, 'inner')), { recursive: true })
  await mkdir(deep(workDir), { recursive: true })
  await rename(join(stateDir, 'inner'), join(deep(workDir), 'inner'))
  expect((await workFoundIn(workspace)).unknown).toEqual([expect.stringContaining('d/inner/d')])
  expect(await failureOf(workspace.cleanup())).toMatchObject({
    code: 'ARCHIVE_FAILED',
    message: expect.stringContaining('d/inner/d'),
  })
})
