import { basename } from 'node:path'
import type { AgentGitDir } from '../../git/agent-git-dir.js'
import { taskLayout } from '../../model/layout.js'
import type { SessionRecord } from '../../model/session-record.js'
import type { OpenArchive } from '../../preservation/restore-archive.js'
import { restorePointers } from '../../preservation/restore-pointers.js'
import { registrationName } from '../../strategies/worktree-registration.js'
import type { Services } from '../services.js'

interface Moved {
  readonly agent: AgentGitDir
  readonly record: SessionRecord
  /** As of `PointersRequest`. */
  readonly registered?: ReadonlySet<string> | undefined
}

/** Has what names a place of the archived task name the same place of the task that it is restored to. */
export function movePointers(
  { settings }: Services,
  archive: OpenArchive,
  { agent, record, registered = new Set() }: Moved,
): Promise<void> {
  const { envId, taskId, runId } = archive.record
  const key = { envId, taskId, ...(runId === undefined ? {} : { runId }) }
  const archived = taskLayout(settings.root, key)
  const rootDir = { from: archived.rootDir, to: record.rootDir }
  const registration = { from: registrationName(archived.workDir), to: basename(agent.gitDir) }
  return restorePointers(archive, { agent, workDir: record.workDir, rootDir, registration, registered })
}
