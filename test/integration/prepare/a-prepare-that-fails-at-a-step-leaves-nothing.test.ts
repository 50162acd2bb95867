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
  test('the first prepare, failing at each step in turn, and then going through', async () => {
    const scene = await createScene(setup)
    for (const step of STEPS) {
      const before = await firstTraces(scene.directory)
      expect(await failure(scene.run('task', failingAt(step)))).toContain(`injected at ${step}`)
      expect(await firstTraces(scene.directory), `after ${step}`).toEqual(before)
    }
    await expectUsable(await scene.run('task'))
  })

  test('a first prepare that fails at its very end', async () => {
    const scene = await createScene(setup)
    const before = await firstTraces(scene.directory)
    expect(await failure(scene.run('task', failingAt('ready')))).toContain('injected at ready')
    expect(await firstTraces(scene.directory)).toEqual(before)
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
