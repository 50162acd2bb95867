import { describe, expect, test } from 'vitest'
import type { Services } from '../../../src/operations/services.js'
import {
  allTraces,
  createScene,
  expectUsable,
  failure,
  firstTraces,
  SETUPS,
  STEPS,
} from './failing-prepare.js'

function failingAt(step: string): Pick<Services, 'beforeStep'> {
  return {
    beforeStep: (operation, current) => {
      if (operation === 'prepare' && current === step) throw new Error(`injected at ${step}`)
    },
  }
}

describe.concurrent.each(SETUPS)('%s', (_name, setup) => {
  // The last one before the environment has a mirror, and the very end; those between them follow below.
  test('the first prepare, failing at several steps in turn, and then going through', async () => {
    const scene = await createScene(setup)
    for (const step of ['reserve', 'base', 'ready']) {
      const before = await firstTraces(scene.directory)
      expect(await failure(scene.run('task', failingAt(step)))).toContain(`injected at ${step}`)
      expect(await firstTraces(scene.directory), `after ${step}`).toEqual(before)
    }
    await expectUsable(await scene.run('task'))
  })

  test('a later prepare, failing at each step in turn, and then going through', async () => {
    const scene = await createScene(setup)
    await scene.runNeighbour()
    for (const step of STEPS) {
      const before = await allTraces(scene.directory)
      expect(await failure(scene.run('task', failingAt(step)))).toContain(`injected at ${step}`)
      expect(await allTraces(scene.directory), `after ${step}`).toEqual(before)
    }
    await expectUsable(await scene.run('task'))
  })
})
