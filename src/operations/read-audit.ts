import { dirname } from 'node:path'
import { throwIfStopped } from '../errors/stop-reason.js'
import { assertNoLinks } from '../fs/contained-path.js'
import { FolderChanges } from '../fs/folder-changes.js'
import { LogReader } from '../fs/log-reader.js'
import { asStorageFailure } from '../fs/storage-failure.js'
import { type AuditLine, parseAuditLine } from '../model/audit-entry.js'
import { environmentLayout } from '../model/layout.js'
import type { Services } from './services.js'

interface AuditRequest {
  readonly envId: string
  readonly follow?: boolean | undefined
}

/**
 * The lines of an environment's audit log, those that were set aside included; with `follow` it has no end of its own.
 */
export async function* readAudit(
  { settings: { root } }: Services,
  { envId, follow }: AuditRequest,
  signal: AbortSignal,
): AsyncGenerator<AuditLine, void> {
  const { directory, auditFile, managerDir } = environmentLayout(root, envId)
  const log = new LogReader(auditFile)
  const changes = follow ? new FolderChanges(managerDir) : undefined
  try {
    do {
      await assertNoLinks([dirname(directory), directory, managerDir])
      for await (const text of log.newLines()) {
        yield parseAuditLine(text)
        throwIfStopped(signal)
      }
      await changes?.next(signal)
      throwIfStopped(signal)
    } while (changes !== undefined)
  } catch (error) {
    throw asStorageFailure(error, root)
  } finally {
    changes?.close()
  }
}
