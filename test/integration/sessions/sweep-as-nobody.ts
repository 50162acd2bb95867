// Cleans up and sweeps where another user's permissions are in the way. Started as root it becomes another user
// first, since root is stopped by no permission.
//
//   node --import tsx sweep-as-nobody.ts <a folder that everybody may write to>

import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { isWorkspaceError, WorkspaceManager } from '../../../src/index.js'
import { environmentLayout } from '../../../src/model/layout.js'

const NOBODY = 65_534
const [, , directory = ''] = process.argv
if (process.getuid?.() === 0) process.seteuid?.(NOBODY)
const root = join(directory, 'root')
const manager = new WorkspaceManager({ root })
const key = { envId: 'shop', taskId: 'task' }
await manager.prepare({ ...key, strategy: 'directory' })
const { locksDir, sessionsDir } = environmentLayout(root, key.envId)
await chmod(locksDir, 0o500)
const cleanup = await manager.cleanup(key).then(
  () => 'it succeeded',
  (error: unknown) => (isWorkspaceError(error) ? error.code : String(error)),
)
await chmod(locksDir, 0o700)
await chmod(sessionsDir, 0o000)
const { decisions } = await manager.sweep()
const list = await manager.list().then(
  () => 'it succeeded',
  (error: unknown) => (isWorkspaceError(error) ? error.code : String(error)),
)
await chmod(sessionsDir, 0o700)
const report = await manager.cleanup(key)
await manager.close()
console.log(JSON.stringify({ cleanup, decisions, list, after: report.action }))
