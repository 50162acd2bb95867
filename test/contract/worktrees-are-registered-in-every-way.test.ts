import { describe, expect, it } from 'vitest'
import { Git } from '../../src/git/git.js'
import { refStorageOf } from '../../src/git/ref-storage.js'
import { CLAUSES } from '../../src/strategies/contract-clauses.js'
import { buildStage } from '../../src/strategies/contract-stage.js'
import { worktreeStrategy } from '../../src/strategies/worktree.js'
import { knowsReftables } from '../helpers/reftables.js'

/** What the strategy does without a process in a repository whose refs are files is in `built-in-strategies`. */
const WAYS = [
  { way: 'by git, where refs are files', refStorage: 'files', writer: 'by git' },
  { way: 'by git, where refs are in tables', refStorage: 'reftable', writer: 'by storage' },
] as const

const git = new Git({ gitTimeoutMs: 60_000 })
const hasTables = await knowsReftables()

describe.each(WAYS)('a HEAD that is written $way', ({ refStorage, writer }) => {
  const strategy = worktreeStrategy(git, writer)
  const clauses = CLAUSES.filter(({ applies }) => applies(strategy.traits))
  // An older git knows of no such repository.
  it.skipIf(refStorage === 'reftable' && !hasTables).each(clauses)('$promise', async ({ check }) => {
    const stage = await buildStage({ refStorage, owner: 'caller' })
    try {
      expect(await refStorageOf(stage.repository.gitDir)).toBe(refStorage)
      await check(strategy, stage)
    } finally {
      await stage.clear()
    }
  })
})
