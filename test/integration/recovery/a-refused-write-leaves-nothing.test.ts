import { chown } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, expect, it } from 'vitest'
import type { Trial } from '../../helpers/fault-trial.js'
import type { RefusedWritePlan } from '../../helpers/refused-write-child.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { createUpstream } from '../../helpers/upstream.js'
import { childThatMeets, expectUndone, reportOf } from './start-fault.js'

const NOBODY = 65_534
const ENV = 'managed-repos/shop'
const MIRROR = `${ENV}/.git-task/mirror.git`

const OF_A_ROOT = ['.', 'managed-repos', 'managed-repos/.git-task/owners']
const MANAGERS = ['', '/locks', '/sessions', '/indexes', '/scratch'].map((name) => `${ENV}/.git-task${name}`)
const TASKS = `${ENV}/tasks`

/** A mirror that cannot be fetched into is used as it is, so that only what a task changes in it counts. */
const SETUPS = [
  ['a directory in a new root', 'directory', undefined, OF_A_ROOT],
  ['a directory', 'directory', 'directory', [TASKS, ...MANAGERS]],
  ['a clone without a mirror', 'clone', 'directory', [TASKS, `${ENV}/.git-task`]],
  ['a clone', 'clone', 'clone', [TASKS, MIRROR]],
  ['the first worktree', 'worktree', 'clone', [MIRROR, `${MIRROR}/refs/heads`]],
  ['a worktree', 'worktree', 'worktree', [TASKS, ...MANAGERS, MIRROR, `${MIRROR}/worktrees`]],
] as const

let child: string
beforeAll(async () => {
  child = await childThatMeets('refused-write-child')
})

it.each(SETUPS)(
  'a prepare of %s that may not write says where, and leaves nothing',
  async (_name, strategy, neighbour, places) => {
    const directory = await temporaryDirectory()
    const upstream = await createUpstream(join(directory, 'source'))
    if (process.getuid?.() === 0) await chown(directory, NOBODY, NOBODY)
    const source = strategy === 'directory' ? undefined : upstream.url
    const plan: RefusedWritePlan = { directory, source, strategy, neighbour, places }
    const trials = await reportOf<Trial[]>(child, plan)
    expect(trials).toHaveLength(places.length)
    for (const [index, trial] of trials.entries()) {
      expect(trial.prepared.result).toMatch(/^(?:OPTIONS_INVALID|GIT_FAILED)$/)
      expect(trial.prepared.said).toMatch(new RegExp(`/root-\\d+${join('/', places[index] ?? '')}`))
      expectUndone(trial)
    }
  },
)
