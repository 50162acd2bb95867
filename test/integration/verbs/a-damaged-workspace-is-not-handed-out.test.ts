import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { CHECKOUTS, failureOf, tryAgentGit } from './stage.js'
import { makeWarmStage } from './warm-stage.js'

test.each(CHECKOUTS)('without its .git (%s)', async (strategy) => {
  const { prepare } = await makeWarmStage()
  const { workDir } = await prepare({ strategy })
  await rm(join(workDir, '.git'), { recursive: true })
  const { code, data } = await failureOf(prepare({ strategy }))
  expect([code, data['workDir']]).toEqual(['WORKSPACE_MISSING', workDir])
  expect(String(data['path'])).toContain(join(workDir, '.git'))
})

test.each(CHECKOUTS)('without its branch (%s)', async (strategy) => {
  const { prepare } = await makeWarmStage()
  const workspace = await prepare({ strategy })
  await tryAgentGit(workspace, ['update-ref', '-d', `refs/heads/${workspace.branch}`])
  const { code, message } = await failureOf(prepare({ strategy }))
  expect(code).toBe('WORKSPACE_MISSING')
  expect(message).toContain(`the branch "${workspace.branch}"`)
})

test.each(CHECKOUTS)('without the objects that it borrows (%s)', async (strategy) => {
  const { prepare, layout } = await makeWarmStage()
  await prepare({ strategy })
  await rm(join(layout.mirrorDir, 'objects'), { recursive: true })
  const { code, message } = await failureOf(prepare({ strategy }))
  expect(code).toBe('WORKSPACE_MISSING')
  expect(message).toContain(join(layout.mirrorDir, 'objects'))
})

test('an agent on a new branch of its own, without a commit yet, goes on', async () => {
  const { prepare } = await makeWarmStage()
  const workspace = await prepare()
  await tryAgentGit(workspace, ['checkout', '--quiet', '--orphan', 'begun'])
  expect((await prepare()).reused).toBe(true)
})
