import { dirname } from 'node:path'
import { messageOf } from '../errors/message-of.js'
import { systemErrorCode } from '../errors/system-error.js'
import { hasErrorCode } from '../errors/workspace-error.js'
import { appendLine } from '../fs/append-line.js'
import { assertNoLinksNow } from '../fs/contained-path.js'
import { environmentLayout } from '../model/layout.js'
import type { EventTap } from './event-bus.js'
import type { EventBase, EventName } from './event-map.js'

export interface AuditLogOptions {
  readonly root: string
  /** The size at which a log is set aside and a new one begun, in bytes. Default 16 MiB. */
  readonly maxBytes?: number
}

const MAX_BYTES = 16 * 1024 * 1024

/**
 * Writes every event as one line of JSON into its environment's `audit.jsonl`, at once: a process that is killed
 * right after has lost no line. Any number of processes may write.
 */
export function auditLog({ root, maxBytes = MAX_BYTES }: AuditLogOptions): EventTap {
  return (name, event) => {
    const { directory, managerDir, auditFile } = environmentLayout(root, event.key.envId)
    try {
      assertNoLinksNow([dirname(directory), directory, managerDir])
      appendLine(auditFile, JSON.stringify(auditEntry(name, event)), maxBytes)
    } catch (error) {
      // The work is worth more than the line about it; that it is missing is said aloud.
      if (!hasErrorCode(error, 'DISK_FULL', 'TAMPERED') && systemErrorCode(error) === undefined) throw error
      const problem = messageOf(error)
      process.emitWarning(`git-task-isolation: the audit log misses a line: ${problem}`)
    }
  }
}

/** The event with the names that other tools' audit fields have, the rest of it as it is. */
export function auditEntry(name: EventName, event: EventBase): Record<string, unknown> {
  const { at, key, taskRunId, workflowRunId, workDir, branch, ...facts } = event
  return {
    at,
    event: name,
    env_id: key.envId,
    task_id: 'taskId' in key ? key.taskId : undefined,
    run_id: 'taskId' in key ? key.runId : undefined,
    task_run_id: taskRunId,
    workflow_run_id: workflowRunId,
    worktree_path: workDir,
    git_branch: branch,
    pid: process.pid,
    ...snakeCased(facts),
  }
}

function snakeCased(facts: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const entries = Object.entries(facts).map(([name, value]) => [
    name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    value,
  ])
  return Object.fromEntries(entries)
}
