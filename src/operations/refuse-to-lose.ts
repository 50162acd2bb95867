import { IntegrityError } from '../errors/workspace-error.js'
import type { UnsavedWork } from '../model/reports.js'
import type { SessionRecord } from '../model/session-record.js'
import { describeKey } from '../model/workspace-key.js'
import { hasUnsavedWork } from '../preservation/unsaved-work.js'
import type { Strategy } from '../strategies/strategy.js'
import { lookForUnsavedWork } from './look-for-work.js'
import type { Services } from './services.js'

/**
 * Lets nothing go on that would lose work.
 *
 * @throws IntegrityError UNSAVED_WORK listing what was found.
 */
export async function refuseToLose(
  services: Services,
  record: SessionRecord,
  strategy: Strategy,
  signal?: AbortSignal,
): Promise<void> {
  if (!strategy.traits.ownsDirectory) return
  await services.beforeStep('cleanup', 'look')
  const work = await lookForUnsavedWork({ services, record, strategy, signal })
  if (hasUnsavedWork(work)) throw unsavedWork(record, work)
}

function unsavedWork(record: SessionRecord, work: UnsavedWork): IntegrityError {
  const parts = [
    count(work.commits.length, 'commit that no remote branch has', 'commits that no remote branch has'),
    count(work.changedFiles.length, 'changed file', 'changed files'),
    count(work.stashes, 'stash', 'stashes'),
    count(work.tags.length, 'tag that the remote does not have', 'tags that the remote does not have'),
    count(work.unknown.length, 'part that could not be looked into', 'parts that could not be looked into'),
  ]
  const found = parts.filter((part) => part !== '').join(', ')
  return new IntegrityError(
    'UNSAVED_WORK',
    `the workspace ${describeKey(record)} has unsaved work: ${found}`,
    {
      data: { workDir: record.workDir, ...work },
    },
  )
}

function count(number: number, one: string, many: string): string {
  return number === 0 ? '' : `${number} ${number === 1 ? one : many}`
}
