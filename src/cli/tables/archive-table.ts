import type { ArchiveRecord } from 'git-task-isolation'
import { formatAge, formatBytes } from '../amounts.js'
import type { Screen } from '../terminal/screen.js'
import { formatTable, NOTHING } from '../terminal/table.js'

/** Archives as people read them, the newest first. */
export function archiveTable(archives: readonly ArchiveRecord[], now: Date, screen: Screen): string {
  return formatTable(
    archives,
    [
      { head: 'ENV', cell: ({ envId }) => envId, least: 4 },
      // Whole, since a restore is told it.
      { head: 'ARCHIVE', cell: ({ archiveId }) => archiveId },
      {
        head: 'BRANCH',
        cell: ({ branch }) => branch ?? NOTHING,
        least: 8,
        shortenedAt: 'middle',
        leaveOut: 1,
      },
      { head: 'COMMITS', align: 'right', cell: ({ contains }) => `${contains.commits}`, leaveOut: 3 },
      { head: 'CHANGES', align: 'right', cell: ({ contains }) => `${changesIn(contains)}`, leaveOut: 4 },
      { head: 'STASHES', align: 'right', cell: ({ contains }) => `${contains.stashes}`, leaveOut: 5 },
      {
        head: 'SIZE',
        align: 'right',
        cell: ({ bytes }) => (bytes === undefined ? NOTHING : formatBytes(bytes)),
        leaveOut: 6,
      },
      { head: 'AGE', cell: ({ createdAt }) => formatAge(createdAt, now), leaveOut: 2 },
    ],
    screen,
  )
}

function changesIn({ staged, unstaged, untracked }: ArchiveRecord['contains']): number {
  return staged + unstaged + untracked
}
