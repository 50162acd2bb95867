import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Trial } from '../../helpers/fault-trial.js'
import type { FullDiskPlan, Moment } from '../../helpers/full-disk-child.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { createUpstream } from '../../helpers/upstream.js'
import { childThatMeets, expectUndone, MOUNTING, mayMount, reportOf } from './start-fault.js'

const FILE_BYTES = 256 * 1024
const PAGE_BYTES = 4096

/** `start` is before all steps. Every step of a prepare writes to the disk. */
const OF_A_DIRECTORY: readonly Moment[] = [
  ['start', 0],
  ['reserve', 0],
  ['preparing', 0],
  ['files', 0],
  ['files', PAGE_BYTES],
  ['ready', 0],
]
const OF_A_CHECKOUT: readonly Moment[] = [
  ['checkout', 0],
  ['checkout', FILE_BYTES / 2],
]
const OF_A_MIRROR: readonly Moment[] = [
  ['base', 0],
  ['base', FILE_BYTES / 2],
]

/** The mirror is made, and what is before and after a checkout is written, in one way for all. */
const SETUPS: readonly (readonly [string, string, string | undefined, readonly Moment[]])[] = [
  ['a directory in a new environment', 'directory', undefined, OF_A_DIRECTORY],
  ['a directory', 'directory', 'directory', OF_A_DIRECTORY],
  ['a clone without a mirror', 'clone', undefined, OF_A_CHECKOUT],
  ['a clone', 'clone', 'clone', [...OF_A_CHECKOUT, ['files', 0], ['ready', 0]]],
  ['a worktree without a mirror', 'worktree', undefined, OF_A_MIRROR],
  ['a worktree', 'worktree', 'worktree', [...OF_A_DIRECTORY, ...OF_A_CHECKOUT]],
]

const disk = mayMount() ? 'mounted' : 'injected'
let child: string
let source: string

beforeAll(async () => {
  child = await childThatMeets('full-disk-child')
  const files = { 'README.md': '# Upstream\n', 'data.bin': randomBytes(FILE_BYTES) }
  source = (await createUpstream(join(await temporaryDirectory(), 'source'), { files })).url
})

describe(`a disk (${disk}) that runs full`, () => {
  it.each(SETUPS)('during the prepare of %s leaves nothing', async (_name, strategy, neighbour, all) => {
    // Only a step can be told to fail where no disk can be filled.
    const moments = all.filter(([step]) => disk === 'mounted' || step !== 'start')
    const plan: FullDiskPlan = {
      directory: await temporaryDirectory(),
      source: strategy === 'directory' ? undefined : source,
      ...{ strategy, neighbour, disk, moments },
    }
    const trials = await reportOf<Trial[]>(child, plan, disk === 'mounted' ? MOUNTING : [])
    expect(trials).toHaveLength(moments.length)
    for (const trial of trials) {
      expectDiskFull(trial)
      expectUndone(trial)
    }
  })
})

function expectDiskFull({ prepared }: Trial): void {
  expect(prepared).toMatchObject({ result: 'DISK_FULL' })
}
