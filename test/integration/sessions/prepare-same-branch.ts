// Run as a process of its own: prepares several tasks at once that all want one branch, and prints those they got.
import { WorkspaceManager } from '../../../src/index.js'

const [, , root = '', source = '', strategy = '', prefix = '', count = '1'] = process.argv
const manager = new WorkspaceManager({ root })
const tasks = Array.from({ length: Number(count) }, (_, index) => `${prefix}-${index}`)
const branches = await Promise.all(
  tasks.map(async (taskId) => {
    const request = {
      envId: 'shop',
      taskId,
      source,
      strategy,
      branch: 'same',
      onBranchTaken: 'suffix',
    } as const
    return (await manager.prepare(request)).branch
  }),
)
process.stdout.write(JSON.stringify(branches))
await manager.close()
