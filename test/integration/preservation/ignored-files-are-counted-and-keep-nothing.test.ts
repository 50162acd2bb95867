import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { agentWrites, CHECKOUTS } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'
import { workFoundIn } from './look.js'

test.each(CHECKOUTS)('in a %s', async (strategy) => {
  const files = { 'README.md': 'one\n', '.gitignore': '*.log\nbuild/\n' }
  const { prepare } = await makeWarmStage({}, { files })
  const workspace = await prepare({ strategy, context: { issueTitle: 'Ignored as well, and not counted' } })
  await mkdir(join(workspace.workDir, 'build/deep'), { recursive: true })
  await agentWrites(workspace, 'a.log', '12345')
  await agentWrites(workspace, 'build/one', '123')
  await agentWrites(workspace, 'build/deep/two', '12')
  // Something has to be found, or nothing is reported.
  await agentWrites(workspace, 'new.txt')
  expect(await workFoundIn(workspace)).toMatchObject({
    changedFiles: ['new.txt'],
    counts: { untracked: 1 },
    ignored: { files: 3, bytes: 10 },
  })
})
