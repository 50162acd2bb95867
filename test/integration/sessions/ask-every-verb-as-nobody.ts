// Prepares, looks up, finishes, refreshes and cleans up where one thing after the other may not be used. Started as
// root it becomes another user first, since root is stopped by no permission.
//
//   node --import tsx ask-every-verb-as-nobody.ts <a folder that everybody may write to> <a source>

import { chmod } from 'node:fs/promises'
import { join } from 'node:path'
import { isWorkspaceError, WorkspaceManager } from '../../../src/index.js'
import { environmentLayout, managedReposDir } from '../../../src/model/layout.js'

const NOBODY = 65_534
const [, , directory = '', source = ''] = process.argv
if (process.getuid?.() === 0) {
  process.setegid?.(NOBODY)
  process.seteuid?.(NOBODY)
}
const root = join(directory, 'root')
const key = { envId: 'shop', taskId: 'task' } as const
const manager = new WorkspaceManager({ root, auditLog: false })
await manager.prepare({ ...key, source })
await manager.finish(key, 'succeeded')
await manager.close()

const { directory: environment, managerDir, environmentFile, sessionsDir } = environmentLayout(root, 'shop')
const places = [root, managedReposDir(root), environment, managerDir, environmentFile, sessionsDir]
const verbs = {
  prepare: (asked: WorkspaceManager) => asked.prepare({ ...key, taskId: 'new', source }),
  get: (asked: WorkspaceManager) => asked.get(key),
  finish: (asked: WorkspaceManager) => asked.finish(key, 'failed'),
  refresh: (asked: WorkspaceManager) => asked.refresh(key),
  cleanup: (asked: WorkspaceManager) => asked.cleanup(key),
}
const answers: string[] = []
for (const place of places) {
  for (const [name, verb] of Object.entries(verbs)) {
    if (place === environmentFile && name !== 'prepare') continue
    const asked = new WorkspaceManager({ root, auditLog: false })
    await chmod(place, 0o000)
    const answer = await verb(asked).then(
      () => 'it succeeded',
      (error: unknown) => (isWorkspaceError(error) ? error.code : `${error}`),
    )
    await chmod(place, 0o700)
    await asked.close()
    answers.push(`${name} without ${place.slice(directory.length)}: ${answer}`)
  }
}
console.log(JSON.stringify(answers))
