import { expect, test } from 'vitest'
import { parseManagerOptions } from '../../../src/model/options.js'
import { openServices } from '../../../src/operations/open-services.js'
import { sweep } from '../../../src/operations/sweep.js'
import { emptiedTrash } from '../../helpers/emptied-trash.js'
import { agentWrites } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'
import { DAY_MS, inDays } from './set-back.js'

test.each([
  ['ahead', 400],
  ['back', -400],
])('%s, while this process runs', async (_where, days) => {
  const { prepare, manager, root, layout } = await makeWarmStage()
  await (await prepare()).finish('succeeded')
  const archived = await prepare({ taskId: 'archived' })
  await agentWrites(archived, 'work.txt')
  await archived.cleanup()
  await emptiedTrash(layout.trashDir)
  const warnings: string[] = []
  const services = openServices(parseManagerOptions({ root }, { root, parallelism: 2 }), [], {
    now: () => new Date(Date.now() + days * DAY_MS),
  })
  services.events.on('warning', ({ code }) => warnings.push(code))
  const { decisions } = await sweep(services, {})
  await services.git.close()
  expect(decisions.map(({ kind, action }) => [kind, action])).toEqual([
    ['workspace', 'keep'],
    ['archive', 'keep'],
  ])
  expect(warnings).toEqual(days > 0 ? ['CLOCK_JUMPED'] : [])
  // The control: whoever says what time it is, is believed.
  const control = await manager.sweep({ now: inDays(400) })
  expect(control).toMatchObject({ removed: 2, kept: 0, failed: 0 })
})
