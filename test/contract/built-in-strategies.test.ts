import { catalogue } from 'git-task-isolation'
import { describeStrategy } from 'git-task-isolation/testing'
import { describe, it } from 'vitest'

for (const strategy of Object.values(catalogue)) describeStrategy(strategy, { framework: { describe, it } })
