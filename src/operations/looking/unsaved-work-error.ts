import { IntegrityError } from '../../errors/workspace-error.js'
import type { UnsavedWork } from '../../model/reports.js'
import type { SessionRecord } from '../../model/session-record.js'
import { describeKey } from '../../model/workspace-key.js'

/** The error that lists what would be lost. */
export function unsavedWorkError(record: SessionRecord, work: UnsavedWork): IntegrityError {
  return new IntegrityError(
    'UNSAVED_WORK',
    `the workspace ${describeKey(record)} has unsaved work: ${describeWork(work)}`,
    { data: { workDir: record.workDir, ...work } },
  )
}

function describeWork({ counts, tags, inProgress, nested, unknown }: UnsavedWork): string {
  const parts = [
    count(counts.commits, 'commit that no remote branch has', 'commits that no remote branch has'),
    count(counts.staged, 'staged change', 'staged changes'),
    count(counts.unstaged, 'unstaged change', 'unstaged changes'),
    count(counts.untracked, 'untracked file', 'untracked files'),
    count(counts.stashes, 'stash', 'stashes'),
    count(tags.length, 'tag that the remote does not have', 'tags that the remote does not have'),
    ...inProgress.map((operation) => `an unfinished ${operation}`),
    count(nested.length, 'repository inside the checkout', 'repositories inside the checkout'),
    count(unknown.length, 'part that could not be looked into', 'parts that could not be looked into'),
  ]
  return parts.filter((part) => part !== '').join(', ')
}

function count(number: number, one: string, many: string): string {
  return number === 0 ? '' : `${number} ${number === 1 ? one : many}`
}
