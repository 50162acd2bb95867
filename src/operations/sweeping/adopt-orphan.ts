import { join } from 'node:path'
import { isPresent } from '../../fs/presence.js'
import { removeOnce } from '../../fs/remove-once.js'
import { environmentLayout, taskLayout } from '../../model/layout.js'
import { SESSION_FORMAT, type SessionRecord } from '../../model/session-record.js'
import type { SweepDecision } from '../../model/sweep-report.js'
import type { WorkspaceKey } from '../../model/workspace-key.js'
import type { CheckoutNature, OrphanDirectory, OrphanRegistration } from '../../retention/findings.js'
import { oldSince, type Retention } from '../../retention/policy.js'
import { currentOwner } from '../../sessions/owner.js'
import { assertOwnFolder } from '../assert-own-folder.js'
import { boundSource } from '../creating/bind-source.js'
import { lookForActivity } from '../looking/look-for-activity.js'
import { taskContent } from '../looking/task-content.js'
import { cleanUp } from '../removing/retire-session.js'
import type { Services } from '../services.js'
import { natureOf } from './survey-orphans.js'
import { keptAfterAll, whileIdle } from './while-idle.js'

export interface Adoption {
  readonly orphan: OrphanDirectory | OrphanRegistration
  readonly key: WorkspaceKey
  readonly decision: SweepDecision
  readonly retention: Retention
  readonly signal: AbortSignal | undefined
}

/**
 * Takes away what no record knows. A checkout, or what is left of one, gets a record again, made up from what was
 * found, so that a cleanup can look into it, archive its work and remove it, and so that whoever goes on after a crash
 * finds an ordinary session. Where the cleanup fails it is left without a record, as it was.
 */
export function removeOrphan(services: Services, adoption: Adoption): Promise<SweepDecision> {
  const { orphan, key, decision, signal } = adoption
  return whileIdle(services, { key, decision, signal }, async (held) => {
    if ((await services.store.read(key)) !== undefined)
      return keptAfterAll(decision, 'its session was made again')
    await assertOwnFolder(services.settings.root, key)
    if (!(await isPresent(orphan.path))) return keptAfterAll(decision, 'it is gone already')
    if (!(await isAsItWas(adoption))) return keptAfterAll(decision, 'it has changed meanwhile')
    if (orphan.kind === 'orphan directory' && orphan.content === 'artifacts') {
      const bytes = await removeOnce(orphan.path)
      return bytes === undefined ? keptAfterAll(decision, 'it is gone already') : { ...decision, bytes }
    }
    return orphan.nature === undefined ? decision : adopt(services, adoption, orphan.nature, held)
  })
}

async function isAsItWas({ orphan, retention, signal }: Adoption): Promise<boolean> {
  const since = oldSince(retention, retention.finishedMaxAgeMs)
  if ((await lookForActivity([orphan.path], since, signal)).kind !== 'none') return false
  if (orphan.kind === 'orphan registration') return !(await isPresent(orphan.workDir))
  if ((await taskContent(orphan.path)) !== orphan.content) return false
  const registered = orphan.nature?.registration === undefined ? undefined : { nature: orphan.nature }
  const nature = await natureOf(join(orphan.path, 'workdir'), registered)
  return orphan.content === 'artifacts' || nature?.strategy === orphan.nature?.strategy
}

async function adopt(
  services: Services,
  { key, decision }: Adoption,
  nature: CheckoutNature,
  signal: AbortSignal,
): Promise<SweepDecision> {
  const base = await startingPoint(services, key, nature)
  if (base === undefined && nature.strategy !== 'directory')
    return keptAfterAll(decision, 'its repository has no commit that a restore could start from')
  const made = { ...(await madeUpRecord(services, key, nature)), base }
  return services.lease.during(async () => {
    const record = await services.store.claim(key, () => Promise.resolve(made), signal)
    try {
      return await cleanUp(services, record, decision, signal)
    } finally {
      await abandon(services, record)
    }
  })
}

/**
 * What it was made from is not known. A restore starts from any commit that the repository has, since what differs from
 * that is in the archive.
 */
async function startingPoint(
  { settings, git }: Services,
  { envId }: WorkspaceKey,
  { strategy, gitDir }: CheckoutNature,
): Promise<SessionRecord['base']> {
  if (strategy === 'directory') return undefined
  const { mirrorDir } = environmentLayout(settings.root, envId)
  if (!(await isPresent(gitDir ?? mirrorDir))) return undefined
  const found = await git.commits(gitDir ?? mirrorDir, ['refs/remotes/origin/HEAD', 'HEAD'])
  const commit = found.find((each) => each !== undefined)
  return commit === undefined ? undefined : { ref: 'HEAD', commit, stale: true }
}

async function madeUpRecord(
  services: Services,
  key: WorkspaceKey,
  nature: CheckoutNature,
): Promise<SessionRecord> {
  const { strategy, ...tree } = nature
  const { rootDir, workDir } = taskLayout(services.settings.root, key)
  const time = services.now().toISOString()
  return {
    ...key,
    formatVersion: SESSION_FORMAT,
    state: 'ready',
    strategy,
    rootDir,
    workDir,
    branch: nature.branch,
    tree: { workDir, ...tree },
    source: strategy === 'directory' ? undefined : await boundSource(services, key.envId),
    notices: ['a sweep found it without a record'],
    owner: currentOwner(),
    createdAt: time,
    updatedAt: time,
  }
}

/** A removal that has begun is gone on with by the next sweep. */
async function abandon(services: Services, record: SessionRecord): Promise<void> {
  const now = await services.store.read(record)
  if (now?.state === record.state) await services.store.release(record)
}
