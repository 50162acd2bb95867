import { kindOf, namesIn } from '../fs/presence.js'
import { environmentLayout } from '../model/layout.js'
import type { Finding, SessionFinding, UnreadableFinding } from '../retention/findings.js'
import type { Services } from './services.js'
import { surveyLeftovers } from './survey-leftovers.js'
import { surveyOrphans } from './survey-orphans.js'

/** Reads everything of one environment and says what is there; nothing is changed. */
export async function surveyEnvironment(
  services: Services,
  envId: string,
  signal: AbortSignal | undefined,
): Promise<Finding[]> {
  const { tasksDir } = environmentLayout(services.settings.root, envId)
  // Folders before records: of a task that is just being made the record is there first.
  const folders = await namesIn(tasksDir)
  const sessions = await surveySessions(services, envId, signal)
  const unreadable = await surveyUnreadable(services, envId)
  const records = sessions.map(({ record }) => record)
  return [
    ...sessions,
    ...unreadable,
    ...(await surveyOrphans(services, envId, { folders, records, unreadable })),
    ...(await surveyLeftovers(services, envId, { records, unreadable })),
  ]
}

async function surveySessions(
  services: Services,
  envId: string,
  signal: AbortSignal | undefined,
): Promise<SessionFinding[]> {
  const records = await services.store.list(envId)
  return Promise.all(
    records.map(async (record): Promise<SessionFinding> => {
      const owner = await services.lease.stateOf(record.owner, signal)
      const checkout = (await kindOf(record.workDir)) === 'directory' ? 'present' : 'absent'
      return { kind: 'session', record, owner, checkout }
    }),
  )
}

async function surveyUnreadable(services: Services, envId: string): Promise<UnreadableFinding[]> {
  const found = await services.store.unreadable(envId)
  return found.map(({ place, key, cause }) => ({ kind: 'unreadable record', path: place, key, cause }))
}
