import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Trial } from '../../helpers/fault-trial.js'
import type { FullDiskPlan, Moment } from '../../helpers/full-disk-child.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { createUpstream } from '../../helpers/upstream.js'
import { childThatMeets, expectUndone, MOUNTING, mayMount, reportOf } from './start-fault.js'

/** More files than any of the moments leaves room for. */
const FILES = 40

/** How many more files the disk takes: one prepare for each. */
const MOMENTS: readonly Moment[] = [
  ...Array.from({ length: 5 }, (_, fifth): Moment => ['start', 5 * fifth]),
  ...Array.from({ length: 3 }, (_, left): Moment => ['files', left]),
  ['ready', 0],
]

let child: string
let source: string

beforeAll(async () => {
  child = await childThatMeets('full-disk-child')
  const names = Array.from({ length: FILES }, (_, index) => `file-${index}`)
  const files = Object.fromEntries(names.map((name) => [name, name]))
  source = (await createUpstream(join(await temporaryDirectory(), 'source'), { files })).url
})

describe.runIf(mayMount())('a disk that takes only so many more files', () => {
  it.each(['worktree'])('leaves nothing of a %s, and is named', async (strategy) => {
    const plan: FullDiskPlan = {
      directory: await temporaryDirectory(),
      source,
      ...{ strategy, neighbour: strategy, disk: 'mounted', lack: 'files', moments: MOMENTS },
    }
    const trials = await reportOf<Trial[]>(child, plan, MOUNTING)
    expect(trials.map(({ prepared }) => prepared.result)).toEqual(MOMENTS.map(() => 'DISK_FULL'))
    for (const trial of trials) expectUndone(trial)
  })
})
