import { randomUUID } from 'node:crypto'
import { sessionFacts } from '../../events/event-map.js'
import { assertStillHolding } from '../../fs/lock-context.js'
import { environmentLayout, taskLayout } from '../../model/layout.js'
import type { PrepareSettings } from '../../model/prepare-request.js'
import type { SessionRecord } from '../../model/session-record.js'
import { currentOwner } from '../../sessions/owner.js'
import { callersFiles, makeTaskFolders } from '../../task-files/task-files.js'
import { findStrategy } from '../find-strategy.js'
import { clearCheckout } from '../removing/clear-checkout.js'
import type { Services } from '../services.js'
import { wantedBranch } from './reserve.js'
import { unlikeAsked } from './unlike-asked.js'
import { writeTaskFiles } from './write-task-files.js'

/** Hands out a workspace that is there: its files and branch stay as they are, its task files are written anew. */
export async function reuseWorkspace(
  services: Services,
  settings: PrepareSettings,
  existing: SessionRecord,
): Promise<SessionRecord> {
  const strategy = findStrategy(services, existing.strategy)
  const layout = taskLayout(services.settings.root, settings.key)
  await services.beforeStep('prepare', 'reuse')
  await assertStillHolding()
  await clearCheckout(services, existing)
  await makeTaskFolders(layout, environmentLayout(services.settings.root, settings.key.envId).tasksDir)
  const request = {
    settings,
    strategy,
    record: existing,
    tree: existing.tree ?? { workDir: existing.workDir },
  }
  const keptContextDir = settings.context === undefined ? existing.contextDir : undefined
  const contextDir = await writeTaskFiles(services, request, keptContextDir)
  const record = await services.store.transition(settings.key, ['ready', 'finished'], (found) => ({
    ...found,
    state: 'ready',
    outcome: undefined,
    finishedAt: undefined,
    contextDir,
    taskFiles: callersFiles(settings, found.taskFiles),
    identity: settings.identity ?? found.identity,
    agentName: settings.agentName ?? found.agentName,
    workflowRunId: settings.workflowRunId ?? found.workflowRunId,
    taskRunId: settings.taskRunId ?? found.taskRunId,
    metadata: settings.metadata ?? found.metadata,
    // Handles of one that is at work share it; what still comes from the attempt before this one is late.
    reservationId: found.state === 'finished' ? randomUUID() : found.reservationId,
    owner: currentOwner(),
    updatedAt: services.now().toISOString(),
  }))
  const wanted = wantedBranch(services, settings, strategy)
  for (const message of unlikeAsked(settings, existing, wanted))
    services.events.emit('warning', sessionFacts(record), { code: 'REUSED_AS_IT_IS', message })
  services.events.emit('workspace.reused', sessionFacts(record), { strategy: record.strategy })
  return record
}
