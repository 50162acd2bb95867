import { repairRegistration } from '../mirror/tamper-check.js'
import { tamperedWith } from '../mirror/tampering.js'
import type { SessionRecord } from '../model/session-record.js'
import type { Strategy } from '../strategies/strategy.js'
import type { Services } from './services.js'

/** @throws IntegrityError TAMPERED for a worktree whose registration named another checkout; it is put right. */
export async function refuseSwappedRegistration(
  { git }: Services,
  { tree }: SessionRecord,
  { traits }: Strategy,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (!traits.sharesRefs || tree?.gitDir === undefined || tree.registration === undefined) return
  const { gitDir, registration, workDir } = tree
  const found = await repairRegistration(git, { gitDir, registration, workDir, signal })
  if (found.length > 0) throw tamperedWith(found)
}
