import { sessionFacts } from '../../events/event-map.js'
import { processesInside } from '../../fs/processes-inside.js'
import type { SessionRecord } from '../../model/session-record.js'
import { describeKey } from '../../model/workspace-key.js'
import type { Services } from '../services.js'

/** More are not listed. */
const MOST_LISTED = 20

/** A process that works in the folder stands in no way; but what it writes from here on is lost. */
export async function warnOfProcesses(services: Services, record: SessionRecord): Promise<void> {
  const pids = await processesInside(record.rootDir)
  if (pids.length === 0) return
  const some = pids.slice(0, MOST_LISTED).join(', ')
  const more = pids.length > MOST_LISTED ? ` and ${pids.length - MOST_LISTED} more` : ''
  services.events.emit('warning', sessionFacts(record), {
    code: 'WORKSPACE_IN_USE',
    message: `the workspace ${describeKey(record)} is removed while processes work in it: ${some}${more}`,
  })
}
