import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { parseManagerOptions } from '../../../src/model/options.js'
import { deleteArchive } from '../../../src/operations/archiving/delete-archive.js'
import { openServices } from '../../../src/operations/open-services.js'
import { git } from '../../helpers/run-git.js'
import { agentCommits, agentWrites, KEY } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'
import { stateOf } from './agent-state.js'
import { archiveTraces } from './archive-traces.js'

it('keeps what other archives need, and the workspaces that were restored from it', async () => {
  const stage = await makeWarmStage()
  const services = openServices(parseManagerOptions({}, { root: stage.root, parallelism: 2 }))
  onTestFinished(() => services.git.close())
  const workspace = await stage.prepare({ strategy: 'clone' })
  await agentCommits(workspace, 'committed.txt')
  await agentWrites(workspace, 'untracked.txt')
  const before = await stateOf(workspace)
  const first = (await stage.manager.cleanup(KEY)).archive?.archiveId ?? ''
  await stage.manager.restore(KEY)
  const second = (await stage.manager.cleanup(KEY)).archive?.archiveId ?? ''

  await deleteArchive(services, 'shop', first)
  await deleteArchive(services, 'shop', first)
  expect((await stage.manager.archives()).map(({ archiveId }) => archiveId)).toEqual([second])
  await rm(stage.layout.mirrorDir, { recursive: true })
  await git(stage.layout.archivesRepository, 'fsck', '--strict', '--no-dangling')
  const restored = await stage.manager.restore(KEY)
  expect(await stateOf(restored)).toEqual(before)

  await deleteArchive(services, 'shop', second)
  expect(await stage.manager.archives()).toEqual([])
  expect(await archiveTraces(stage.root, 'shop')).toEqual([])
  expect(await readdir(stage.layout.managerDir)).not.toContain('archives.git')
  expect(await stateOf(restored)).toEqual(before)
  await git(join(restored.workDir), 'fsck', '--strict')
})
