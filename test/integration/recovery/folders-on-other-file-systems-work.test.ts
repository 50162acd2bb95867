import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { OtherDevicePlan, OtherDeviceReport } from '../../helpers/other-device-child.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { createUpstream } from '../../helpers/upstream.js'
import { childThatMeets, MOUNTING, mayMount, reportOf } from './start-fault.js'

/** The strategy, and which of the environment's folders is elsewhere. */
const SETUPS = [
  ['clone', 'trashDir'],
  ['clone', 'tasksDir'],
  ['clone', 'indexesDir'],
  ['clone', 'scratchDir'],
  ['worktree', 'trashDir'],
  ['worktree', 'indexesDir'],
  ['directory', 'tasksDir'],
] as const

const DONE = { result: 'done', said: '' }
const device = mayMount() ? 'mounted' : 'injected'
let child: string
let source: string

beforeAll(async () => {
  child = await childThatMeets('other-device-child')
  source = (await createUpstream(join(await temporaryDirectory(), 'source'))).url
})

describe(`with a folder on another file system (${device})`, () => {
  for (const [strategy, folder] of SETUPS) {
    it(`a ${strategy} is made and removed without a trace: ${folder}`, async () => {
      const plan: OtherDevicePlan = {
        directory: await temporaryDirectory(),
        source: strategy === 'directory' ? undefined : source,
        ...{ strategy, folder, device },
      }
      const report = await reportOf<OtherDeviceReport>(child, plan, device === 'mounted' ? MOUNTING : [])
      expect(report).toEqual({
        device: device === 'mounted' ? 'another' : 'the same',
        failed: { result: 'bare injected', said: 'Error: injected' },
        leftByFailed: [],
        prepared: DONE,
        cleaned: DONE,
        leftByCleanup: [],
        cleanedButForArtifacts: DONE,
        leftInTask: ['logs', 'output'],
      })
    })
  }
})
