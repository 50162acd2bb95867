import { describeStrategy } from 'git-task-isolation/testing'
import { describe, it } from 'vitest'
import { snapshotStrategy } from '../../examples/custom-strategy/snapshot-strategy.js'

describeStrategy(snapshotStrategy, { framework: { describe, it } })
