import { join } from 'node:path'
import { WorkspaceManager } from 'git-task-isolation'
import { expect, test } from 'vitest'
import type { Services } from '../../../src/operations/services.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { snapshotTree } from '../../helpers/tree-snapshot.js'
import { createScene, expectUsable, failure, SETUPS, STEPS } from './failing-prepare.js'
import { refusal } from './refusal.js'

const KINDS = SETUPS.filter(([, { strategy, source }]) => strategy !== 'local' && source !== 'path')

/** The step that makes what all share, with every kind; the later ones with one of them each, in turns. */
const MEETINGS = KINDS.flatMap(([name, setup], turn) =>
  STEPS.slice(1)
    .filter((step, at) => step === 'base' || at % KINDS.length === turn)
    .map((step) => [name, step, setup] as const),
)

/** Something that happens once, and can be waited for. */
function occasion() {
  let happen: () => void = () => undefined
  const happened = new Promise<void>((resolve) => {
    happen = resolve
  })
  return { happen, happened }
}

test.concurrent.each(MEETINGS)(
  'of two first prepares of %s, one is at "%s" when the other fails',
  async (_name, step, setup) => {
    const scene = await createScene(setup)
    const began = occasion()
    const reached = occasion()
    const failing: Services['beforeStep'] = async () => {
      began.happen()
      await reached.happened
      throw new Error('injected')
    }
    const failed = failure(scene.run('failing', { beforeStep: failing }))
    const going: Services['beforeStep'] = async (_operation, current) => {
      if (current === 'reserve') await began.happened
      if (current !== step) return
      reached.happen()
      await failed
    }
    await expectUsable(await scene.run('task', { beforeStep: going }))
    await expectUsable(await scene.run('failing'))
  },
)

test('many at once, of which every second one fails', async () => {
  const scene = await createScene({ strategy: 'directory', source: 'none' })
  const runs = Array.from({ length: 24 }, async (_, index) => {
    if (index % 2 === 0) return expectUsable(await scene.run(`task-${index}`))
    const beforeStep = (_operation: string, current: string) => {
      if (current === STEPS[index % STEPS.length]) throw new Error('injected')
    }
    await failure(scene.run(`task-${index}`, { beforeStep }))
  })
  await Promise.all(runs)
})

test('a root that a failed prepare made is gone again', async () => {
  const directory = await temporaryDirectory()
  const manager = new WorkspaceManager({ root: join(directory, 'root'), auditLog: false })
  const request = { envId: 'shop', taskId: 'task', source: 'file:///no/such/repository.git' }
  expect((await refusal(() => manager.prepare(request))).code).toBe('GIT_NETWORK')
  expect(await snapshotTree(directory)).toEqual({})
})
