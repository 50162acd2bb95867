import { kindOf } from '../../fs/presence.js'
import type { SessionRecord } from '../../model/session-record.js'
import { findBeside } from '../../preservation/beside.js'
import { besideOf } from './beside-of.js'

/**
 * Whether a removal that never ended had got as far as the trash, so that it had looked into all that there was. A
 * checkout that is gone from its place proves nothing where its task's folder is still there with more in it than
 * results: the agent may have gone on meanwhile, and have renamed it.
 */
export async function hasMovedAway(record: SessionRecord): Promise<boolean> {
  const { state, removal, rootDir, workDir } = record
  if (state !== 'removing' || (await kindOf(workDir)) !== 'absent') return false
  // What is beside a checkout that had vanished was to stay.
  if (removal?.keep === 'all but checkout' || (await kindOf(rootDir)) === 'absent') return true
  return removal?.keep === 'artifacts' && (await findBeside(besideOf(record))).size === 0
}
