import { throwIfStopped } from '../errors/stop-reason.js'
import { systemErrorCode } from '../errors/system-error.js'
import { hasErrorCode, isWorkspaceError, StoppedError } from '../errors/workspace-error.js'
import { kindOf } from '../fs/presence.js'
import { Semaphore } from '../git/semaphore.js'
import type { StatusOptions } from '../model/call-options.js'
import type { UnsavedWork } from '../model/reports.js'
import type { SessionRecord } from '../model/session-record.js'
import type { SessionStatus } from '../model/session-status.js'
import { sessionKey } from '../model/workspace-key.js'
import { NOTHING_UNSAVED } from '../preservation/unsaved-work.js'
import { reportDiskUsage } from './disk-usage.js'
import { findStrategy } from './find-strategy.js'
import { listSessions } from './inspect.js'
import { lookForUnsavedWork } from './looking/look-for-work.js'
import { ownerStates } from './looking/owner-states.js'
import type { Services } from './services.js'
import { withIdleSession } from './session-lock.js'
import { unexpectedOrSystem } from './sweeping/sweep-problem.js'

/** Looks wait mostly for git and for the disk; git has a limit of its own. */
const AT_ONCE = 8

/** Every session that passes the filter, with what its record does not tell and the looks that were asked for. */
export async function sessionStatus(services: Services, options: StatusOptions): Promise<SessionStatus[]> {
  const { look = [], envId, signal, onProgress } = options
  const records = await listSessions(services, options)
  const sizes = look.includes('size') ? await sizesOf(services, envId, signal) : undefined
  const owners = await ownerStates(services, records)
  const places = new Semaphore(AT_ONCE)
  let done = 0
  return Promise.all(
    records.map((record, index) =>
      places.run(async (): Promise<SessionStatus> => {
        const work = look.includes('unsaved-work') ? await workIn(services, record, signal) : undefined
        done += 1
        onProgress?.({ done, total: records.length })
        return {
          ...record,
          ownerState: owners[index] ?? 'silent',
          checkout: await checkoutOf(record),
          ...(work !== undefined && { unsavedWork: work }),
          ...(sizes?.has(record.rootDir) && { bytes: sizes.get(record.rootDir) }),
        }
      }, signal),
    ),
  )
}

function whyUnknown(error: unknown): string {
  if (hasErrorCode(error, 'LOCK_TIMEOUT')) return 'a verb is at work on it'
  return isWorkspaceError(error) ? error.message : unexpectedOrSystem(error)
}

async function sizesOf(
  services: Services,
  envId: string | undefined,
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, number>> {
  const { environments } = await reportDiskUsage(services, { envId, signal })
  const workspaces = environments.flatMap((environment) => environment.workspaces)
  return new Map(workspaces.map(({ path, bytes }) => [path, bytes]))
}

async function checkoutOf({ workDir }: SessionRecord): Promise<SessionStatus['checkout']> {
  try {
    return (await kindOf(workDir)) === 'directory' ? 'present' : 'absent'
  } catch (error) {
    if (systemErrorCode(error) === undefined) throw error
    return 'unknown'
  }
}

/** What cannot be looked into is unknown, which counts as unsaved, and stops nobody else's look. */
async function workIn(
  services: Services,
  record: SessionRecord,
  signal: AbortSignal | undefined,
): Promise<UnsavedWork | undefined> {
  if (record.state !== 'ready' && record.state !== 'finished') return undefined
  try {
    const strategy = findStrategy(services, record.strategy)
    if (!strategy.traits.ownsDirectory) return undefined
    return await withIdleSession(services, sessionKey(record), signal, (held) =>
      lookForUnsavedWork({ services, record, strategy, remote: 'as last seen', signal: held }),
    )
  } catch (error) {
    throwIfStopped(signal)
    if (error instanceof StoppedError) throw error
    return { ...NOTHING_UNSAVED, unknown: [whyUnknown(error)] }
  }
}
