import type { Workspace } from 'git-task-isolation'
import type { UnsavedWork } from '../../../src/model/reports.js'
import { failureOf } from '../verbs/stage.js'

/** What a cleanup refuses to lose. A cleanup that finds nothing fails the test. */
export async function workFoundIn(workspace: Workspace): Promise<UnsavedWork> {
  const error = await failureOf(workspace.cleanup({ onUnsavedWork: 'refuse' }))
  if (error.code !== 'UNSAVED_WORK') throw error
  return error.data as unknown as UnsavedWork
}
