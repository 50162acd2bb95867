import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { sessionFacts } from '../events/event-map.js'
import { removeIfEmpty } from '../fs/contained-path.js'
import { kindOf, namesIn } from '../fs/presence.js'
import { endOrphans } from '../git/orphans.js'
import { clearTrustFiles } from '../git/trust-file.js'
import type { SessionRecord } from '../model/session-record.js'
import { deleteBranch } from '../strategies/branch.js'
import type { Strategy } from '../strategies/strategy.js'
import { findStrategy } from './find-strategy.js'
import { indexFileOf } from './index-file.js'
import { refuseToLose } from './refuse-to-lose.js'
import { emptyTrash, moveAside, type Removed, removeWorkspace } from './remove-workspace.js'
import type { Services } from './services.js'
import { restoreContext } from './write-task-files.js'

/**
 * Puts right what a verb that never ended left of a session; the session's lock is held. What was being made
 * is undone, what was being removed is removed, and of a workspace whose folder vanished the rest goes too.
 */
export async function recoverSession(services: Services, record: SessionRecord): Promise<Removed> {
  await services.beforeStep('recover', record.state)
  // A git that outlived its orchestrator would go on writing into what is about to be removed.
  await endOrphans()
  await clearTrustFiles()
  if (record.state === 'reserved' || record.state === 'preparing') return undo(services, record)
  const strategy = findStrategy(services, record.strategy)
  const asked = record.removal ?? { policy: 'archive', keep: 'all but checkout' }
  // A removal that had moved the checkout away had looked before. Else the agent may have gone on meanwhile.
  const hasLooked = record.state === 'removing' && (await kindOf(record.workDir)) === 'absent'
  if (!hasLooked && asked.policy !== 'discard') await refuseToLose(services, record, strategy)
  return removeWorkspace(services, { record, strategy, ...asked })
}

/** Nothing was handed out yet, so that no agent can have worked in it. */
async function undo(services: Services, record: SessionRecord): Promise<Removed> {
  const strategy = findStrategy(services, record.strategy)
  if (!strategy.traits.ownsDirectory) await restoreContext(record)
  const freedBytes = record.state === 'preparing' ? await undoPreparing(services, record, strategy) : 0
  await rm(indexFileOf(services, record), { force: true })
  await services.store.release(record)
  services.events.emit('session.released', sessionFacts(record), {})
  return { freedBytes }
}

/** By renames first: a git that outlived its orchestrator may still be writing into the checkout. */
async function undoPreparing(services: Services, record: SessionRecord, strategy: Strategy): Promise<number> {
  await moveAside(services, { record, keep: 'artifacts' })
  for (const folder of ['output', 'logs']) await removeIfEmpty(join(record.rootDir, folder))
  const left = await namesIn(record.rootDir)
  const isNothing = (name: string) => name === '.gitignore' || name.startsWith('.trash-')
  if (left.every(isNothing)) await rm(record.rootDir, { recursive: true, force: true })
  await strategy.remove(record.tree ?? { workDir: record.workDir })
  const { gitDir, branch, baseCommit } = record.tree ?? {}
  if (
    strategy.traits.sharesRefs &&
    gitDir &&
    branch &&
    baseCommit &&
    (await kindOf(gitDir)) === 'directory'
  ) {
    await deleteBranch(services.git, { gitDir, branch, commit: baseCommit })
  }
  return emptyTrash(services, record)
}
