import { CLAUSES } from './contract-clauses.js'
import { buildStage, type Stage } from './contract-stage.js'
import type { Strategy } from './strategy.js'

/**
 * The two functions of a test framework that the contract needs: vitest's, jest's, mocha's or node:test's.
 *
 * @see {@link describeStrategy}
 */
export interface TestFramework {
  /** A group of tests. */
  describe(name: string, body: () => void): void
  /** One test; it fails where its body rejects. */
  it(name: string, body: () => Promise<void>): void
}

/**
 * What the contract test runs in.
 *
 * @see {@link describeStrategy}
 */
export interface StrategyContractOptions {
  /** Default: the global `describe` and `it`. */
  readonly framework?: TestFramework | undefined
}

/**
 * Checks that a strategy keeps the contract that operations rely on, on real git repositories in temporary
 * folders. What is checked follows from its traits. Needs git on PATH; leaves nothing behind.
 *
 * @example
 * import { describe, it } from 'node:test'
 * import { describeStrategy } from 'git-task-isolation/testing'
 *
 * const own: Strategy = { ...catalogue.directory, name: 'own' }
 * describeStrategy(own, { framework: { describe, it } })
 */
export function describeStrategy(strategy: Strategy, options: StrategyContractOptions = {}): void {
  const { describe, it } = options.framework ?? globalFramework()
  describe(`the strategy "${strategy.name}"`, () => {
    for (const clause of CLAUSES.filter(({ applies }) => applies(strategy.traits))) {
      it(clause.promise, () => onStage((stage) => clause.check(strategy, stage)))
    }
  })
}

async function onStage(check: (stage: Stage) => Promise<void>): Promise<void> {
  const stage = await buildStage()
  try {
    await check(stage)
  } finally {
    await stage.clear()
  }
}

function globalFramework(): TestFramework {
  const found: unknown = globalThis
  if (isFramework(found)) return found
  throw new TypeError('describeStrategy needs describe and it: pass them as options.framework')
}

function isFramework(found: unknown): found is TestFramework {
  if (typeof found !== 'object' || found === null || !('describe' in found) || !('it' in found)) return false
  return typeof found.describe === 'function' && typeof found.it === 'function'
}
