import { taskLayout } from '../model/layout.js'
import type { SessionRecord } from '../model/session-record.js'
import { type Credentials, parseSource, type Source } from '../model/source.js'
import { readCredentials } from '../task-files/read-credentials.js'
import type { Services } from './services.js'

/** The source of a session again, from its record; secrets were never in there. */
export function recordedSource({
  source,
  originUrl,
}: Pick<SessionRecord, 'source' | 'originUrl'>): Source | undefined {
  if (source === undefined) return undefined
  return parseSource(originUrl === undefined ? source : { path: source, url: originUrl })
}

/** The credentials that the task was given, from its own protected file. */
export function recordedCredentials(
  services: Services,
  record: SessionRecord,
): Promise<Credentials | undefined> {
  return readCredentials(taskLayout(services.settings.root, record))
}
