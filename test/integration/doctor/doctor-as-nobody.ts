// Asks a doctor, and for the sessions, where this user may not use one folder after the other. Started as root it becomes
// another user first, since root is stopped by no permission; for good, because access(2) asks for the real user.
//
//   node --import tsx doctor-as-nobody.ts <a folder that everybody may write to>

import { chmod, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isWorkspaceError, WorkspaceManager } from '../../../src/index.js'
import { environmentLayout, managedReposDir } from '../../../src/model/layout.js'

const NOBODY = 65_534
const [, , directory = ''] = process.argv
if (process.getuid?.() === 0) {
  process.setgid?.(NOBODY)
  process.setuid?.(NOBODY)
}
const root = join(directory, 'root')
const manager = new WorkspaceManager({ root, auditLog: false })
for (const envId of ['one', 'two']) await manager.prepare({ envId, taskId: 'task' })
const { directory: environment, managerDir, tasksDir, sessionsDir } = environmentLayout(root, 'one')
const places = [
  [tasksDir, 0o500],
  [sessionsDir, 0o000],
  [managerDir, 0o000],
  [environment, 0o000],
  [managedReposDir(root), 0o000],
  [root, 0o000],
] as const
for (const [place, mode] of places) {
  await chmod(place, mode)
  const { findings } = await manager.doctor({ mode: 'fix' })
  const listing = await manager.status().then(
    () => 'it succeeded',
    (error: unknown) => (isWorkspaceError(error) ? error.code : `${error}`),
  )
  await chmod(place, 0o700)
  const problems = findings.filter(({ level }) => level === 'problem')
  const told = problems.map(({ check, path, message, remedy }) => ({ check, path, message, remedy }))
  console.log(JSON.stringify({ place, told, listing }))
}
await manager.close()
// Neither is anybody's but the owner's: what can be made nowhere, and a file in the place of a folder.
await writeFile(join(directory, 'file'), '', { mode: 0o400 })
for (const place of ['/no-such-root', join(directory, 'file')]) {
  const elsewhere = new WorkspaceManager({ root: place, auditLog: false })
  const { findings } = await elsewhere.doctor()
  console.log(JSON.stringify({ place, told: findings.filter(({ level }) => level === 'problem') }))
  await elsewhere.close()
}
