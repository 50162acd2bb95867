import type { GitProgress } from '../git/progress.js'
import { type OpenedMirror, openMirror } from '../mirror/mirror.js'
import type { MirrorContext } from '../mirror/mirror-context.js'
import { sourceAccess } from '../mirror/source-access.js'
import { environmentLayout } from '../model/layout.js'
import type { Limits } from '../model/limits.js'
import type { FreshnessSettings } from '../model/options.js'
import type { ObjectFilter } from '../model/shape.js'
import { type Credentials, type Source, sourceIdentity } from '../model/source.js'
import { bindSource } from './creating/bind-source.js'
import { setRuinsAside } from './removing/set-ruins-aside.js'
import type { Services } from './services.js'

/** What the environment's mirror is asked for with. */
export interface MirrorRequest {
  readonly envId: string
  readonly source: Source
  readonly credentials: Credentials | undefined
  readonly freshness: FreshnessSettings
  /** What a mirror that has to be made may leave out. */
  readonly filter?: ObjectFilter | undefined
  readonly limits?: Limits | undefined
  readonly signal?: AbortSignal | undefined
  readonly onGitProgress?: ((progress: GitProgress) => void) | undefined
}

/** Opens the mirror as fresh as asked for, makes it where there is none, and tells what was done. */
export async function refreshMirror(services: Services, request: MirrorRequest): Promise<OpenedMirror> {
  const { envId, source, freshness } = request
  const mirror = await openMirror(mirrorContext(services, request), freshness, () =>
    bindSource(services, envId, source),
  )
  report(services, request, mirror)
  return mirror
}

export function mirrorContext(services: Services, request: MirrorRequest): MirrorContext {
  const layout = environmentLayout(services.settings.root, request.envId)
  return {
    git: services.git,
    mirrorDir: layout.mirrorDir,
    fetchLock: layout.fetchLock,
    access: sourceAccess(request.source, request.credentials),
    now: services.now,
    failures: services.fetchFailures,
    onTampered: (found) => {
      for (const { path, problem } of found)
        services.events.emit(
          'warning',
          { key: { envId: request.envId } },
          { code: 'TAMPERED', message: `${problem}: ${path}` },
        )
    },
    setRuinsAside: () => setRuinsAside(services, request.envId),
    limits: request.limits,
    signal: request.signal,
    filter: request.filter,
    onFetchProgress: request.onGitProgress,
  }
}

function report({ events }: Services, { envId, source }: MirrorRequest, mirror: OpenedMirror): void {
  const base = { key: { envId } }
  const facts = { source: sourceIdentity(source) }
  if (mirror.action === 'created') events.emit('mirror.created', base, facts)
  if (mirror.action === 'fetched') events.emit('mirror.fetched', base, facts)
  const failure = mirror.fetchFailure
  if (failure) events.emit('mirror.stale', base, { ...facts, code: failure.code, message: failure.message })
}
