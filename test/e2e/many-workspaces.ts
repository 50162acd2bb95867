import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { WorkspaceManager } from 'git-task-isolation'

export interface Many {
  readonly number: number
  readonly agentName: string
}

/**
 * A root with so many workspaces without a repository: one is prepared, and the records of the others say the same of
 * folders of their own. Their owner is a process that has ended.
 */
export async function manyWorkspaces(root: string, { number, agentName }: Many): Promise<void> {
  const manager = new WorkspaceManager({ root })
  const { rootDir, session } = await manager.prepare({ envId: 'shop', taskId: 'task-0' })
  await manager.close()
  // Linux gives out no process id as high as this one. A prepare would refuse some names.
  const owner = { ...session.owner, pid: 4_194_304 }
  const record = JSON.stringify({ ...session, agentName, owner })
  const sessions = join(root, 'managed-repos/shop/.git-task/sessions')
  const tasks = Array.from({ length: number }, (_, index) => `task-${index}`)
  await Promise.all(
    tasks.map(async (task) => {
      for (const folder of ['workdir', 'output'])
        await mkdir(join(rootDir, '..', task, folder), { recursive: true })
      // Where temporary files lie in memory, folders take nothing. Beside the checkout it is no unsaved work.
      await writeFile(join(rootDir, '..', task, 'output/result'), 'done\n')
      await writeFile(join(sessions, `${task}.json`), record.replaceAll('task-0', task))
    }),
  )
}
