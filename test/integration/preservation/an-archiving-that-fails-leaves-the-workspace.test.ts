import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { parseManagerOptions } from '../../../src/model/options.js'
import { cleanup } from '../../../src/operations/cleanup.js'
import { openServices } from '../../../src/operations/open-services.js'
import type { Services } from '../../../src/operations/services.js'
import { agentCommits, agentGit, agentWrites, CHECKOUTS, failureOf, KEY } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'
import { stateOf } from './agent-state.js'
import { archiveTraces } from './archive-traces.js'

const STEPS = ['claim', 'objects', 'snapshot', 'refs', 'record', 'done'] as const

function servicesWith(root: string, parts: Partial<Services>): Services {
  const services = openServices(parseManagerOptions({}, { root, parallelism: 2 }), [], parts)
  onTestFinished(() => services.git.close())
  return services
}

describe.each(CHECKOUTS.slice(1))('archiving a %s', (strategy) => {
  it.each(STEPS)('that fails before the step %s leaves everything as it was', async (step) => {
    const stage = await makeWarmStage()
    const workspace = await stage.prepare({ strategy })
    await agentCommits(workspace, 'committed.txt')
    await agentWrites(workspace, 'untracked.txt')
    const before = await stateOf(workspace)
    const services = servicesWith(stage.root, {
      beforeStep: (_operation, name) => {
        if (name === `archive:${step}`) throw new Error('the injected fault')
      },
    })
    const failure = await failureOf(cleanup(services, KEY, {}))
    expect(failure.code).toBe('ARCHIVE_FAILED')
    expect(failure.message).toContain('the injected fault')
    expect(await stateOf(workspace)).toEqual(before)
    expect(await archiveTraces(stage.root, 'shop')).toEqual([])
    expect((await stage.manager.get(KEY))?.session.state).toBe('ready')
    expect((await stage.manager.cleanup(KEY)).archive).toBeDefined()
  })

  it('names an object that the repository lacks', async () => {
    const stage = await makeWarmStage()
    const workspace = await stage.prepare({ strategy })
    const commit = await agentCommits(workspace, 'committed.txt')
    const objects = join(await agentGit(workspace, 'rev-parse', '--git-common-dir'), 'objects')
    const tree = await agentGit(workspace, 'rev-parse', `${commit}^{tree}`)
    const file = join(workspace.workDir, objects.startsWith('/') ? '' : objects)
    const path = join(objects.startsWith('/') ? objects : file, tree.slice(0, 2), tree.slice(2))
    await chmod(path, 0o644)
    await writeFile(path, 'damaged')
    const failure = await failureOf(stage.manager.cleanup(KEY))
    expect(['ARCHIVE_FAILED', 'UNSAVED_WORK']).toContain(failure.code)
    expect(await archiveTraces(stage.root, 'shop')).toEqual([])
    expect((await stage.manager.get(KEY))?.session.state).toBe('ready')
  })
})
