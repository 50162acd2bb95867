// Run as a process of its own: holds an environment's lock until it is told to stop, and says so.
import { once } from 'node:events'
import { WorkspaceManager } from '../../../src/index.js'

const [, , root = '', envId = ''] = process.argv
const manager = new WorkspaceManager({ root })
// Something has to keep the process alive while it waits for its signal.
const alive = setInterval(() => undefined, 60_000)
await manager.withLock(envId, async () => {
  const told = once(process, 'SIGTERM')
  process.stdout.write('held\n')
  await told
})
clearInterval(alive)
process.stdout.write('released\n')
