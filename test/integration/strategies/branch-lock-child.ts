// Run as a process of its own: holds the lock of a branch until it is killed.
import { withBranchLock } from '../../../src/strategies/branch-lock.js'

const [, , gitDir = '', branch = ''] = process.argv
const alive = setInterval(() => undefined, 60_000)
const done = await withBranchLock({ gitDir, branch }, '', async () => {
  process.stdout.write('held\n')
  await new Promise(() => undefined)
})
clearInterval(alive)
process.stdout.write(`${String(done)}\n`)
