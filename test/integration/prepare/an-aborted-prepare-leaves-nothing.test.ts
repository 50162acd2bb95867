import { describe, expect, test } from 'vitest'
import {
  allTraces,
  createScene,
  expectUsable,
  failure,
  firstTraces,
  type Scene,
  SETUPS,
  STEPS,
} from './failing-prepare.js'

/** Nothing is thrown at the step: it, or a later one, has to notice the signal. */
function abortedAt(scene: Scene, step: string): Promise<string> {
  const controller = new AbortController()
  const beforeStep = (operation: string, current: string) => {
    if (operation === 'prepare' && current === step) controller.abort()
  }
  return failure(scene.run('task', { beforeStep }, controller.signal))
}

describe.concurrent.each(SETUPS)('%s', (_name, setup) => {
  test('the first prepare, aborted at each step in turn', async () => {
    const scene = await createScene(setup)
    for (const step of STEPS) {
      const before = await firstTraces(scene.directory)
      expect(await abortedAt(scene, step), `aborted at ${step}`).toBe('ABORTED')
      expect(await firstTraces(scene.directory), `after ${step}`).toEqual(before)
    }
  })

  test('a later prepare, aborted at each step but the last two in turn, and then going through', async () => {
    const scene = await createScene(setup)
    await scene.runNeighbour()
    for (const step of STEPS.slice(0, 5)) {
      const before = await allTraces(scene.directory)
      expect(await abortedAt(scene, step), `aborted at ${step}`).toBe('ABORTED')
      expect(await allTraces(scene.directory), `after ${step}`).toEqual(before)
    }
    await expectUsable(await scene.run('task'))
  })

  test('one that was aborted before it began', async () => {
    const scene = await createScene(setup)
    const before = await allTraces(scene.directory)
    expect(await failure(scene.run('task', {}, AbortSignal.abort()))).toBe('ABORTED')
    expect(await allTraces(scene.directory)).toEqual(before)
  })
})
