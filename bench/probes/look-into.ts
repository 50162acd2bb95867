import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isWorkspaceError, type Workspace } from 'git-task-isolation'
import { timed } from './probe.js'

/**
 * How long a look for unsaved work takes, in milliseconds, through the public API: a cleanup that refuses because of one
 * new file has looked at everything and done nothing else. The file is gone again afterwards.
 */
export async function lookInto(workspace: Workspace): Promise<number> {
  const file = join(workspace.workDir, 'new-file-of-the-benchmark')
  await writeFile(file, 'new\n')
  const milliseconds = await timed(() => refused(workspace))
  await rm(file)
  return milliseconds
}

async function refused(workspace: Workspace): Promise<void> {
  try {
    await workspace.cleanup({ onUnsavedWork: 'refuse' })
  } catch (error) {
    if (isWorkspaceError(error) && error.code === 'UNSAVED_WORK') return
    throw error
  }
  throw new Error('a cleanup overlooked a new file')
}
