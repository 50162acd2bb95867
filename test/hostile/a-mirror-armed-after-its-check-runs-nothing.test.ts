import { cpSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { parseManagerOptions } from '../../src/model/options.js'
import { parsePrepareRequest } from '../../src/model/prepare-request.js'
import { openServices } from '../../src/operations/open-services.js'
import { prepare } from '../../src/operations/prepare.js'
import { refresh } from '../../src/operations/refresh.js'
import { restore } from '../../src/operations/restore.js'
import type { Services } from '../../src/operations/services.js'
import { git } from '../helpers/run-git.js'
import { ATTACKS } from './attacks.js'
import { type HostileStage, KEY, makeHostileStage, rearming, VICTIM } from './hostile-stage.js'

let services: Services | undefined
let stage: HostileStage | undefined
afterEach(async () => {
  await stage?.manager.close()
  await services?.deletions.close()
  await services?.lease.close()
})

// Only worktrees obey the mirror. Its configuration, hooks and attributes are compared before its use, and an agent may
// arm them right after that, which is done here for as long as the verb lasts.
test('neither a fetch, nor a checkout, nor its undoing, nor a refresh, nor a restore runs what an agent arms once the mirror was looked at', async () => {
  stage = await makeHostileStage('worktree')
  const { root, upstream, sentinels, layout } = stage
  await stage.git('commit', '--quiet', '--allow-empty', '-m', 'work that an archive is for')
  const attacks = ATTACKS.filter(({ only }) => only !== 'clone')
  for (const attack of attacks) await attack.arm(stage)
  const arm = await rearming(stage)
  const settings = parseManagerOptions({ onUnsavedWork: 'refuse' }, { root, parallelism: 2 })
  const armed: string[] = []
  let fails = false
  services = openServices(settings, [], {
    beforeStep: async (operation, step) => {
      if (step === 'ready' && fails) {
        // Then no file can be removed for the branch that goes again: git has to write the packed refs anew.
        await git(layout.mirrorDir, 'pack-refs', '--all')
        await sentinels.clear()
        throw new Error('no more room')
      }
      if (step !== 'checkout') return
      armed.push(operation)
      await arm()
    },
  })
  // Right after it was put right, before anything is fetched.
  const kept = join(stage.directory, 'armed')
  services.events.on('warning', () => cpSync(kept, layout.mirrorDir, { recursive: true }))
  await sentinels.clear()

  const request = { envId: 'shop', taskId: 'new', strategy: 'worktree', source: upstream.url }
  const { record } = await prepare(services, parsePrepareRequest(request))
  expect(await sentinels.seen()).toEqual([])
  await upstream.commit('main', { 'file.smudge': 'later\n', 'file.process': 'later\n' })
  const refreshed = await refresh(services, VICTIM, { mode: 'fast-forward' })
  expect(refreshed).toMatchObject({ action: 'updated', stale: false })
  expect(await sentinels.seen()).toEqual([])
  // A checkout that was gone has its files written from its commit.
  await rm(stage.workspace.workDir, { recursive: true })
  await stage.manager.cleanup(KEY, { onUnsavedWork: 'archive' })
  await restore(services, { target: KEY })
  expect(await sentinels.seen()).toEqual([])
  fails = true
  const failing = { ...request, taskId: 'failing' }
  await expect(prepare(services, parsePrepareRequest(failing))).rejects.toThrow('no more room')
  expect(await sentinels.seen()).toEqual([])
  expect(armed).toEqual(['prepare', 'refresh', 'prepare', 'prepare'])

  // The control: git writes the same files, and moves a branch, in the mirror as it was armed then.
  for (const name of ['file.smudge', 'file.process']) await rm(join(record.workDir, name))
  await git(record.workDir, 'read-tree', '--reset', '-u', String(record.base?.commit))
  await git(record.workDir, 'update-ref', 'refs/heads/by-control', 'HEAD')
  const expected = ['filter-process', 'filter-smudge', 'hooks-path']
  expect(await sentinels.seen()).toEqual(expect.arrayContaining(expected))
})
