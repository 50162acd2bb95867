import { lutimes, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SessionRecord, WorkspaceKey } from 'git-task-isolation'
import { environmentLayout } from '../../../src/model/layout.js'
import { sessionName } from '../../../src/model/workspace-key.js'

export const DAY_MS = 86_400_000

export const daysAgo = (days: number) => new Date(Date.now() - days * DAY_MS)
export const inDays = (days: number) => daysAgo(-days)

/** Sets the times in a session's record back, as if it had last been used then. */
export async function setRecordBack(root: string, key: WorkspaceKey, days: number): Promise<void> {
  const file = join(environmentLayout(root, key.envId).sessionsDir, `${sessionName(key)}.json`)
  const record: SessionRecord = JSON.parse(await readFile(file, 'utf8'))
  const time = daysAgo(days).toISOString()
  const finishedAt = record.finishedAt === undefined ? {} : { finishedAt: time }
  await writeFile(file, JSON.stringify({ ...record, createdAt: time, updatedAt: time, ...finishedAt }))
}

/** Sets the times of everything in some trees back, the trees themselves included; what is in a folder first. */
export async function setTreesBack(days: number, ...paths: readonly string[]): Promise<void> {
  const time = daysAgo(days)
  for (const path of paths) {
    const entries = await readdir(path, { withFileTypes: true })
    for (const entry of entries) {
      const inside = join(path, entry.name)
      if (entry.isDirectory()) await setTreesBack(days, inside)
      else await lutimes(inside, time, time)
    }
    await lutimes(path, time, time)
  }
}
