import { readRef } from '../../git/agent-git-dir.js'
import { conditionOf } from '../../mirror/mend-mirror.js'
import { savedUpstream } from '../../mirror/upstream-tips.js'
import { environmentLayout } from '../../model/layout.js'
import type { OnUnsavedWork } from '../../model/options.js'
import type { CleanupReport } from '../../model/reports.js'
import type { SessionRecord } from '../../model/session-record.js'
import { deleteBranch } from '../../strategies/branch.js'
import type { Strategy } from '../../strategies/strategy.js'
import { KEPT_REFS } from '../looking/look-for-work.js'
import { ownershipOf } from '../own-mirror.js'
import type { Services } from '../services.js'
import { withEnvironment } from '../session-lock.js'
import { isInCallersRepository } from '../session-repository.js'

/** Whose branch it is, and what was done about its commits. */
export interface BranchOfTask {
  readonly record: SessionRecord
  readonly strategy: Strategy
  readonly policy: OnUnsavedWork
  readonly archiveId?: string | undefined
}

/** A task's branch, and the commit that it is at. */
interface Tip {
  readonly gitDir: string
  readonly commit: string
}

/** Deletes the task's branch where nothing is lost by it and it is still where it was; says what was done, and why. */
export async function removeBranch(
  services: Services,
  removal: BranchOfTask,
): Promise<CleanupReport['branch']> {
  const { record, strategy } = removal
  const name = record.branch
  if (name === undefined) return undefined
  if (!strategy.traits.sharesRefs) return { name, deleted: true, why: 'it lived in the removed clone' }
  const tip = await tipOf(record)
  if (tip === undefined) return { name, deleted: true, why: 'it was gone already' }
  const { gitDir, commit } = tip
  if ((await conditionOf(gitDir)) !== 'whole')
    return { name, deleted: false, why: `its repository is damaged: ${gitDir}` }
  const remove = async () => {
    const why = await whyNothingIsLost(services, removal, tip)
    if (why === undefined) return { name, deleted: false, why: 'it has commits that no other branch has' }
    const ownership = ownershipOf(services, record.envId, gitDir)
    const result = await deleteBranch(services.git, { ...ownership, gitDir, branch: name, commit })
    return result === 'deleted'
      ? { name, deleted: true, why }
      : { name, deleted: false, why: 'it moved meanwhile' }
  }
  // In a repository where branches save each other only one goes at a time, or the last two could go together.
  return isInCallersRepository(removalIn(services, removal))
    ? withEnvironment(services, record.envId, undefined, remove)
    : remove()
}

const removalIn = (services: Services, { record, strategy }: BranchOfTask) => ({ services, record, strategy })

/** Whether a removal would leave the task's branch in the repository that it shares, for the commits on it. */
export async function doesBranchStay(services: Services, removal: BranchOfTask): Promise<boolean> {
  const tip = removal.strategy.traits.sharesRefs ? await tipOf(removal.record) : undefined
  return tip !== undefined && (await whyNothingIsLost(services, removal, tip)) === undefined
}

async function tipOf({ branch, tree }: SessionRecord): Promise<Tip | undefined> {
  const gitDir = tree?.gitDir
  if (branch === undefined || gitDir === undefined) return undefined
  const commit = await readRef({ gitDir, commonDir: gitDir }, `refs/heads/${branch}`)
  return commit === undefined ? undefined : { gitDir, commit }
}

/** Undefined where deleting the branch would lose commits that the caller did not say to discard. */
async function whyNothingIsLost(
  services: Services,
  removal: BranchOfTask,
  tip: Tip,
): Promise<string | undefined> {
  const { record, policy, archiveId } = removal
  const isCallers = isInCallersRepository(removalIn(services, removal))
  if (await isReachedByOthers(services, removal, tip)) return 'its commits are saved elsewhere'
  if (archiveId !== undefined && (await isArchived(services, record.envId, archiveId, tip.commit)))
    return `its commits are in the archive ${archiveId}`
  return policy === 'discard' && !isCallers ? 'its commits were to be discarded' : undefined
}

/**
 * In the caller's repository the commit that the task started from counts only while something else has it: it may have
 * been another task's, whose branch is gone by now.
 */
async function isReachedByOthers(services: Services, removal: BranchOfTask, tip: Tip): Promise<boolean> {
  const { branch, base } = removal.record
  const { gitDir, commit } = tip
  const isCallers = isInCallersRepository(removalIn(services, removal))
  const commits = isCallers ? [] : [...(await savedUpstream(gitDir)), ...(base ? [base.commit] : [])]
  const refs = isCallers ? await otherRefs(services, tip, `refs/heads/${branch}`) : []
  const { stdout } = await services.git.run({
    args: ['rev-list', '--max-count=1', '--stdin', commit, '--not', ...refs],
    gitDir,
    input: commits.map((oid) => `^${oid}\n`).join(''),
  })
  return stdout.trim() === ''
}

/** What keeps commits in a caller's repository, but for the branch itself and whatever only stands for it. */
async function otherRefs({ git }: Services, { gitDir, commit }: Tip, branch: string): Promise<string[]> {
  const args = ['for-each-ref', `--points-at=${commit}`, '--format=%(symref) %(refname)']
  const { stdout } = await git.run({ args, gitDir })
  const pairs = stdout.split('\n').map((line) => line.split(' '))
  const aliases = pairs.flatMap(([target, ref = '']) => (target === branch ? [ref] : []))
  return KEPT_REFS.flatMap((kind) => [...[branch, ...aliases].map((ref) => `--exclude=${ref}`), kind])
}

/** git for-each-ref ends with 129 for a commit that the repository does not have. */
async function isArchived(
  services: Services,
  envId: string,
  archiveId: string,
  commit: string,
): Promise<boolean> {
  const { stdout } = await services.git.run({
    args: ['for-each-ref', '--count=1', '--contains', commit, `refs/archives/${archiveId}/`],
    gitDir: environmentLayout(services.settings.root, envId).archivesRepository,
    okCodes: [0, 129],
  })
  return stdout.trim() !== ''
}
