import { kindOf, namesIn } from '../../fs/presence.js'
import { environmentLayout } from '../../model/layout.js'
import type { SessionRecord } from '../../model/session-record.js'
import type { Finding, SessionFinding, UnreadableFinding } from '../../retention/findings.js'
import { isWorthALook, limitOf } from '../../retention/plan-session.js'
import type { Surveyed } from '../../retention/plan-sweep.js'
import { oldSince } from '../../retention/policy.js'
import { agentRepository } from '../../strategies/agent-repository.js'
import { assertOwnFolders } from '../assert-own-environment.js'
import { stateOfBinding } from '../creating/bind-source.js'
import { measureEnvironment } from '../disk-usage.js'
import { lookForActivity } from '../looking/look-for-activity.js'
import type { Services } from '../services.js'
import { isIdle } from '../session-lock.js'
import { surveyArchives } from './survey-archives.js'
import { surveyLeftovers } from './survey-leftovers.js'
import { surveyOrphans } from './survey-orphans.js'
import type { SurveyRequest } from './survey-request.js'
import { orProblem } from './sweep-problem.js'

/** Reads everything of one environment and says what is there; nothing is changed. */
export async function surveyEnvironment(services: Services, request: SurveyRequest): Promise<Surveyed> {
  const { envId, signal } = request
  const { tasksDir } = environmentLayout(services.settings.root, envId)
  // What is emptied must be ours: a prepare never makes its folders where one of these leads elsewhere.
  await assertOwnFolders(services.settings.root, envId)
  // Folders before records: of a task that is just being made the record is there first.
  const folders = await namesIn(tasksDir)
  const sessions = await surveySessions(services, request)
  const unreadable = await surveyUnreadable(services, envId)
  const records = sessions.map(({ record }) => record)
  const findings: Finding[] = [
    ...sessions,
    ...unreadable,
    ...(await surveyOrphans(services, request, { folders, records, unreadable })),
    ...(await surveyLeftovers(services, envId, { records, unreadable })),
    ...(await surveyArchives(services, envId)),
  ]
  if (request.retention.maxTotalBytes === undefined) return { findings, usedBytes: 0 }
  const usage = await measureEnvironment(services, envId, signal)
  const bytesOf = new Map(usage.workspaces.map(({ path, bytes }) => [path, bytes]))
  return {
    findings: findings.map((finding) =>
      finding.kind === 'session' ? { ...finding, bytes: bytesOf.get(finding.record.rootDir) } : finding,
    ),
    usedBytes: usage.totalBytes - usage.trashBytes,
  }
}

async function surveySessions(services: Services, request: SurveyRequest): Promise<SessionFinding[]> {
  const records = await services.store.list(request.envId)
  const found = await Promise.all(
    records.map((record) => orUnknown(record, request, () => surveySession(services, record, request))),
  )
  // One after the other: each may read a whole tree.
  const looked: SessionFinding[] = []
  for (const finding of found)
    looked.push(await orUnknown(finding.record, request, () => withActivity(services, finding, request)))
  return looked
}

/** What cannot be looked into keeps nobody from the others. */
async function orUnknown(
  record: SessionRecord,
  { signal }: SurveyRequest,
  look: () => Promise<SessionFinding>,
): Promise<SessionFinding> {
  const looked = await orProblem(signal, look)
  if ('found' in looked) return looked.found
  return { kind: 'session', record, owner: 'alive', checkout: 'present', problem: looked.problem }
}

async function surveySession(
  services: Services,
  record: SessionRecord,
  { signal }: SurveyRequest,
): Promise<SessionFinding> {
  const owner = await services.lease.stateOf(record.owner, signal)
  const checkout = (await kindOf(record.workDir)) === 'directory' ? 'present' : 'absent'
  return { kind: 'session', record, owner, checkout, atWork: await atWorkOn(services, record) }
}

/**
 * Asked for what is half done only; whoever prepares or removes holds the session's lock from before the record says
 * so.
 */
async function atWorkOn(services: Services, record: SessionRecord): Promise<'nobody' | undefined> {
  if (record.state === 'ready' || record.state === 'finished') return undefined
  return (await isIdle(services, record)) ? 'nobody' : undefined
}

/** A look into a session's folder, where its record alone would let it go. */
export async function withActivity(
  services: Services,
  finding: SessionFinding,
  { retention, signal }: Pick<SurveyRequest, 'retention' | 'signal'>,
): Promise<SessionFinding> {
  if (finding.problem !== undefined || !isWorthALook(finding, retention)) return finding
  const { record } = finding
  const strategy = services.strategies.get(record.strategy)
  const tree = record.tree ?? { workDir: record.workDir }
  const gitDir = strategy?.traits.sharesRefs ? [agentRepository(strategy.traits, tree).gitDir] : []
  const since = oldSince(retention, limitOf(record, retention))
  return { ...finding, activity: await lookForActivity([record.rootDir, ...gitDir], since, signal) }
}

async function surveyUnreadable(services: Services, envId: string): Promise<UnreadableFinding[]> {
  const records = await services.store.unreadable(envId)
  const found = records.map(
    ({ place, key, cause }): UnreadableFinding => ({ kind: 'unreadable record', path: place, key, cause }),
  )
  const state = await stateOfBinding(services, envId)
  if (state === 'none' || state === 'bound') return found
  const cause = state === 'unreadable' ? 'corrupt' : state
  const path = environmentLayout(services.settings.root, envId).environmentFile
  return [...found, { kind: 'unreadable record', path, key: undefined, cause, of: 'environment' }]
}
