// A small orchestrator that runs one git and waits for it.
//
//   TEST_HOST=<name> node --import tsx orchestrator-child.ts <arguments of git>

import './test-host.js'
import { Git } from '../../../src/git/git.js'

await new Git({ gitTimeoutMs: 600_000 }).run({ args: process.argv.slice(2) })
