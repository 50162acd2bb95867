import { kindOf } from '../../fs/presence.js'
import { readRef, readRefs } from '../../git/agent-git-dir.js'
import { environmentLayout } from '../../model/layout.js'
import type { SessionRecord } from '../../model/session-record.js'
import { withConfigFor } from '../../strategies/branch-config.js'
import { madeBy } from '../../strategies/branch-reflog.js'
import { ownershipOf } from '../own-mirror.js'
import type { Services } from '../services.js'
import { deleteUnusedBranch } from '../unused-branch.js'

/**
 * Deletes the branch of a workspace that was never finished, where it is this session's: a record names its branch
 * before there is one, and by now somebody else may have made one of that name. It stays where it has moved on, where
 * it is checked out, and where its reflog tells of another maker or of anything after its making. A restore moves it
 * on to what an archive holds, so that nothing is lost there.
 */
export async function deleteOwnBranch(services: Services, record: SessionRecord): Promise<void> {
  const { gitDir, branch, baseCommit: commit } = record.tree ?? {}
  if (gitDir === undefined || branch === undefined || commit === undefined) return
  if ((await kindOf(gitDir)) !== 'directory') return
  const maker = await madeBy({ gitDir, branch }, record)
  if (maker === 'others') return
  const tip = await readRef({ gitDir, commonDir: gitDir }, `refs/heads/${branch}`)
  const isRestored = tip !== commit && (await isArchived(services, record, tip))
  if (maker === 'us, and moved since' && !isRestored) return
  const expected = (isRestored ? tip : undefined) ?? commit
  const { envId, workDir } = record
  await deleteUnusedBranch(services, { envId, gitDir, branch, commit: expected, workDir })
}

/** What a restore had replaced is to stay: it stood there before. */
async function isArchived(
  { settings }: Services,
  { envId, replaces }: SessionRecord,
  tip: string | undefined,
): Promise<boolean> {
  if (tip === undefined || replaces !== undefined) return false
  const { archivesRepository: gitDir } = environmentLayout(settings.root, envId)
  if ((await kindOf(gitDir)) !== 'directory') return false
  const archived = await readRefs({ gitDir, commonDir: gitDir }, ['refs/archives/'])
  return [...archived.values()].includes(tip)
}

/** Makes the branch again that a creation had replaced, unless there is one of that name. Idempotent. */
export async function putBranchBack(
  services: Services,
  { envId, tree, replaces }: Pick<SessionRecord, 'envId' | 'tree' | 'replaces'>,
): Promise<void> {
  const gitDir = tree?.gitDir
  if (replaces === undefined || gitDir === undefined || (await kindOf(gitDir)) !== 'directory') return
  const ref = `refs/heads/${replaces.branch}`
  if ((await readRef({ gitDir, commonDir: gitDir }, ref)) !== undefined) return
  const nothing = '0'.repeat(replaces.commit.length)
  const call = { args: ['update-ref', ref, replaces.commit, nothing], ownRefs: [ref] }
  const home = { ...ownershipOf(services, envId, gitDir), gitDir, commit: replaces.commit }
  await withConfigFor(home, (place) => services.git.run({ ...call, ...place }))
}
