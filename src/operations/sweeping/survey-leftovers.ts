import { basename, join } from 'node:path'
import { findDeadLocks } from '../../fs/lock-leftovers.js'
import { isPresent, namesIn } from '../../fs/presence.js'
import { makerOfTemporary } from '../../fs/temporary-name.js'
import { findAbandoned, removeAbandoned } from '../../git/abandoned-files.js'
import { type EnvironmentLayout, environmentLayout } from '../../model/layout.js'
import type { SessionRecord } from '../../model/session-record.js'
import { parseSessionName, sessionKey, sessionName, type WorkspaceKey } from '../../model/workspace-key.js'
import type {
  LeftoverFinding,
  LeftoverKind,
  TrashFinding,
  UnreadableFinding,
} from '../../retention/findings.js'
import {
  isStagingPath,
  registrationName,
  stagedSession,
  stagingPath,
} from '../../strategies/worktree-registration.js'
import { indexFileOf } from '../looking/index-file.js'
import { abandonedInCheckout } from '../removing/clear-checkout.js'
import type { Services } from '../services.js'
import { surveyTrash } from './survey-trash.js'

/** What was read of an environment's sessions before. */
interface Sessions {
  readonly records: readonly SessionRecord[]
  readonly unreadable: readonly UnreadableFinding[]
}

/** What is short-lived, and still there though nobody is at work on it any more. */
export async function surveyLeftovers(
  services: Services,
  envId: string,
  { records, unreadable }: Sessions,
): Promise<(TrashFinding | LeftoverFinding)[]> {
  const layout = environmentLayout(services.settings.root, envId)
  const locks = await findDeadLocks(layout.locksDir)
  const gits = await filesOfKilledGits(services, layout)
  const inCheckouts = await filesInCheckouts(services, records)
  const ofSessions = [
    ...(await surveyTrash(services, envId, records)),
    ...(await indexes(services, envId, records)),
    ...(await registrations(services, envId, records)),
  ]
  return [
    ...ofSessions.map((finding) => ofUnreadable(finding, unreadable)),
    ...(await temporaries(services, envId)),
    ...locks.map((path) => leftover(path, 'lock')),
    ...gits.map((path) => leftover(path, "temporary file of git's")),
    // Of what a checkout shares with the mirror both tell.
    ...inCheckouts.filter(({ path }) => !gits.includes(path)),
  ]
}

/** One checkout after the other: each has many folders to be looked into. */
async function filesInCheckouts(
  services: Services,
  records: readonly SessionRecord[],
): Promise<LeftoverFinding[]> {
  const found: LeftoverFinding[] = []
  for (const record of records) {
    const paths = await abandonedInCheckout(services, record)
    found.push(...paths.map((path) => leftover(path, "temporary file of git's", sessionKey(record))))
  }
  return found
}

/** Processes of other hosts are not seen here, and may be using what they made. */
async function filesOfKilledGits({ lease }: Services, layout: EnvironmentLayout): Promise<string[]> {
  const { mirrorDir, indexesDir, scratchDir } = layout
  if ((await lease.othersAtWork()) === 'others') return []
  const locks = await Promise.all([indexesDir, scratchDir].map(locksIn))
  const beside = (await findAbandoned(locks.flat())).map(({ path }) => path)
  if (!(await isPresent(mirrorDir))) return beside
  return [...(await removeAbandoned(mirrorDir, { mode: 'list' })), ...beside]
}

/** A git puts the lock of an index beside it. Those beside temporary files are told by their names. */
async function locksIn(folder: string): Promise<string[]> {
  const names = await namesIn(folder)
  const locks = names.filter((name) => name.endsWith('.lock') && makerOfTemporary(name) === undefined)
  return locks.map((name) => join(folder, name))
}

/** What is a session's stays as long as nobody knows what the session's record says. */
function ofUnreadable<Found extends TrashFinding | LeftoverFinding>(
  finding: Found,
  unreadable: readonly UnreadableFinding[],
): Found {
  const { key } = finding
  if (key === undefined) return finding
  const isTheirs = unreadable.some((record) => record.key && sessionName(record.key) === sessionName(key))
  return isTheirs ? { ...finding, record: 'unreadable' } : finding
}

async function temporaries(services: Services, envId: string): Promise<LeftoverFinding[]> {
  const layout = environmentLayout(services.settings.root, envId)
  const folders = [
    layout.managerDir,
    layout.sessionsDir,
    layout.indexesDir,
    layout.scratchDir,
    layout.mirrorDir,
    layout.tasksDir,
  ]
  const found = await Promise.all(
    folders.map(async (folder) => (await namesIn(folder)).map((name) => ofTemporary(folder, name))),
  )
  return found.flat().filter((finding) => finding !== undefined)
}

function ofTemporary(folder: string, name: string): LeftoverFinding | undefined {
  const maker = makerOfTemporary(name)
  if (maker === undefined || maker === 'alive') return undefined
  return { kind: 'leftover', path: join(folder, name), what: 'temporary file', maker }
}

/** A session's record is there for as long as its index is. */
async function indexes(
  services: Services,
  envId: string,
  records: readonly SessionRecord[],
): Promise<LeftoverFinding[]> {
  const { indexesDir } = environmentLayout(services.settings.root, envId)
  const theirs = new Set(records.map((record) => indexFileOf(services, record)))
  const keys = (await namesIn(indexesDir)).map((name) => parseSessionName(envId, basename(name, '.index')))
  return keys
    .filter((key) => key !== undefined)
    .map((key) => ({ key, path: indexFileOf(services, key) }))
    .filter(({ path }) => !theirs.has(path))
    .map(({ key, path }) => leftover(path, 'index without a session', key))
}

/** And for as long as its registration is half made or half removed. */
async function registrations(
  services: Services,
  envId: string,
  records: readonly SessionRecord[],
): Promise<LeftoverFinding[]> {
  const { mirrorDir } = environmentLayout(services.settings.root, envId)
  const theirs = new Set(records.map(({ workDir }) => stagingPath(mirrorDir, registrationName(workDir))))
  const paths = (await namesIn(mirrorDir)).map((name) => join(mirrorDir, name)).filter(isStagingPath)
  return paths
    .filter((path) => !theirs.has(path))
    .map((path) => leftover(path, 'registration in the making', parseSessionName(envId, stagedSession(path))))
}

function leftover(path: string, what: LeftoverKind, key?: WorkspaceKey): LeftoverFinding {
  return { kind: 'leftover', path, what, key, maker: 'dead' }
}
