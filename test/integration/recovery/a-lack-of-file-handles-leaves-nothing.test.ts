import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import type { Trial } from '../../helpers/fault-trial.js'
import type { FewHandlesPlan } from '../../helpers/few-handles-child.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { createUpstream } from '../../helpers/upstream.js'
import { childThatMeets, expectUndone, reportOf } from './start-fault.js'

const FEW = ['bash', '-c', 'ulimit -n 256; exec "$@"', 'bash']
const ENOUGH = 40

/** A git needs some seven, all else one or two. Without a single one the file library waits for one for a minute. */
const SETUPS = [
  ['a clone', 'clone', 'clone', [1, 2, 3, 7, ENOUGH]],
  ['a worktree without a mirror', 'worktree', undefined, [1, 6, 7, 8, ENOUGH]],
  ['a worktree', 'worktree', 'worktree', [1, 2, 3, 7, ENOUGH]],
  ['a directory', 'directory', 'directory', [0, ENOUGH]],
] as const

let child: string
let source: string
beforeAll(async () => {
  child = await childThatMeets('few-handles-child')
  source = (await createUpstream(join(await temporaryDirectory(), 'source'))).url
})

it.each(SETUPS)(
  'a prepare of %s that finds too few file handles leaves nothing',
  async (_name, strategy, neighbour, handles) => {
    const plan: FewHandlesPlan = {
      directory: await temporaryDirectory(),
      source: strategy === 'directory' ? undefined : source,
      ...{ strategy, neighbour, handles },
    }
    const trials = await reportOf<Trial[]>(child, plan, FEW)
    expect(trials.at(0)?.prepared.result).toBe('GIT_FAILED')
    expect(trials.at(-1)?.prepared.result).toBe('done')
    for (const trial of trials.slice(0, -1)) {
      expect(trial.prepared.result).toMatch(/^(?:GIT_FAILED|done)$/)
      if (trial.prepared.result === 'done') continue
      expect(trial.prepared.said).toContain('"retryable":true')
      expectUndone(trial)
    }
  },
)
