import { hasErrorCode, IntegrityError } from '../../errors/workspace-error.js'
import { kindOf } from '../../fs/presence.js'
import type { PrepareSettings } from '../../model/prepare-request.js'
import type { SessionRecord } from '../../model/session-record.js'
import { describeKey } from '../../model/workspace-key.js'
import { findStrategy } from '../find-strategy.js'
import { recoverAndTell } from '../recover.js'
import { doesBranchStay } from '../removing/remove-branch.js'
import type { Services } from '../services.js'
import { isInCallersRepository } from '../session-repository.js'
import { wantedBranch } from './reserve.js'

/**
 * Puts right what a killed verb has left of a session that is asked for, so that it can be made anew.
 *
 * @throws IntegrityError WORKSPACE_MISSING or UNSAVED_WORK where its checkout is gone and its branch has commits that
 * would stand in the way, or be lost; nothing was changed.
 */
export async function recoverForPrepare(
  services: Services,
  settings: PrepareSettings,
  existing: SessionRecord,
): Promise<void> {
  await refuseStrandedBranch(services, settings, existing)
  try {
    await recoverAndTell(services, existing)
  } catch (error) {
    if (!hasErrorCode(error, 'UNSAVED_WORK')) throw error
    const message = `the checkout ${existing.workDir} cannot be made anew: ${error.message}`
    throw new IntegrityError('UNSAVED_WORK', message, {
      data: error.data,
      hint: "Clean the workspace up with onUnsavedWork 'archive', or 'discard' to lose the work, then prepare again.",
      cause: error,
    })
  }
}

/** In the caller's own repository the branch would stay, and the task could not have it again. */
async function refuseStrandedBranch(
  services: Services,
  settings: PrepareSettings,
  record: SessionRecord,
): Promise<void> {
  const strategy = findStrategy(services, record.strategy)
  const isMade = record.state === 'ready' || record.state === 'finished'
  if (!isMade || settings.onBranchTaken === 'suffix' || (await kindOf(record.workDir)) !== 'absent') return
  if (!isInCallersRepository({ services, record, strategy })) return
  if (wantedBranch(services, settings, strategy) !== record.branch) return
  if (!(await doesBranchStay(services, { record, strategy, policy: services.settings.onUnsavedWork }))) return
  const gone = `the checkout ${record.workDir} of the workspace ${describeKey(record)} is gone`
  const stays = `its branch "${record.branch}" has commits that no other branch has`
  throw new IntegrityError('WORKSPACE_MISSING', `${gone}, and ${stays}`, {
    data: { path: record.workDir, branch: record.branch ?? null },
    hint: "Clean it up, which keeps the branch, and prepare again with another branch or onBranchTaken 'suffix'.",
  })
}
