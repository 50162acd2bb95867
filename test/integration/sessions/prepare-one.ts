// Run as a process of its own: prepares one task, as another host does after it took over.
import { WorkspaceManager } from '../../../src/index.js'

const [, , root = '', source = '', strategy = ''] = process.argv
const manager = new WorkspaceManager({ root })
const { workDir } = await manager.prepare({ envId: 'shop', taskId: 'task-1', source, strategy })
process.stdout.write(workDir)
await manager.close()
