// Run as a process of its own: prepares several tasks at once and prints how each ended.
import { isWorkspaceError, WorkspaceManager } from '../../../src/index.js'

const [, , root = '', source = '', strategy = '', prefix = '', count = '1'] = process.argv
const manager = new WorkspaceManager({ root })
const tasks = Array.from({ length: Number(count) }, (_, index) => `${prefix}-${index}`)
const endings = await Promise.all(tasks.map(prepareOne))
process.stdout.write(JSON.stringify(endings))
await manager.close()

async function prepareOne(taskId: string): Promise<string> {
  try {
    const workspace = await manager.prepare({ envId: 'shop', taskId, source, strategy })
    return workspace.workDir
  } catch (error) {
    return isWorkspaceError(error) ? `${error.code}: ${error.message}` : String(error)
  }
}
