import { z } from 'zod'
import { type AskedFor, askedFor } from './asked-for.js'
import type { ObjectFormat } from './object-format.js'
import type { Base } from './session-record.js'
import { unreadableRecord } from './unreadable-record.js'
import type { WorkspaceKey } from './workspace-key.js'

export const ARCHIVE_FORMAT = 1

/**
 * An archive of one workspace's unsaved work, as its file `archives/<archive id>.json` describes it.
 *
 * @see {@link Manager.archives}
 */
export interface ArchiveRecord extends WorkspaceKey {
  /** Of the record's file. */
  readonly formatVersion: number
  /** `<task>[@<run>].<UTC time>-<random>`; unique in its environment. */
  readonly archiveId: string
  /** ISO 8601 UTC. */
  readonly createdAt: string
  /** The branch that the workspace was made with. */
  readonly branch?: string | undefined
  /** Where HEAD was; absent for a plain directory. */
  readonly headCommit?: string | undefined
  /** The commit that holds changed and untracked files as they were on disk, and the git dir's own files. */
  readonly snapshotCommit?: string | undefined
  /** Every ref of the archive in `archives.git`. */
  readonly refs: readonly string[]
  /** What the archive itself takes on disk; objects that it has in common with the mirror are not counted. */
  readonly bytes?: number | undefined
  /** How much it holds. */
  readonly contains: WorkCounts
  /** What cannot be archived (sockets, pipes, devices), as paths in the checkout; at most 100. */
  readonly skipped: readonly string[]
  /** What the workspace was made of, so that it can be made again without its session record. */
  readonly workspace: ArchivedWorkspace
}

// A type, since no interface counts as JSON, and errors carry it as data.
/**
 * How much unsaved work there is. A file that is staged and then changed again counts in both.
 *
 * @see {@link Manager.cleanup}
 */
export type WorkCounts = {
  /** Commits that the remote, as last seen, does not have. */
  readonly commits: number
  /** Files whose staged content differs from the last commit. */
  readonly staged: number
  /** Tracked files that differ from what is staged, deleted ones included. */
  readonly unstaged: number
  /** Files that git does not know, without those that the repository's rules ignore. */
  readonly untracked: number
  /** Entries of `git stash list`. */
  readonly stashes: number
}

/**
 * The part of a session record that a restore needs.
 *
 * @see {@link Manager.archives}
 */
export interface ArchivedWorkspace extends AskedFor {
  /** By its name. */
  readonly strategy: string
  /** Of the repository. */
  readonly objectFormat: ObjectFormat
  /** What the checkout was made from; absent for a plain directory. */
  readonly base?: Pick<Base, 'ref' | 'commit'> | undefined
  /** Whether the task's `.agent_context` is in the checkout, or beside it. */
  readonly contextPlace: 'inside' | 'beside'
  /** Packs of `archives.git` that hold what the base reaches; other archives may use them too. */
  readonly basePacks: readonly string[]
}

const count = z.number().int().nonnegative()

const workspaceSchema = z.looseObject({
  strategy: z.string(),
  objectFormat: z.enum(['sha1', 'sha256']),
  base: z.object({ ref: z.string(), commit: z.string() }).optional(),
  ...askedFor,
  contextPlace: z.enum(['inside', 'beside']),
  basePacks: z.array(z.string()),
})

// Unknown keys are kept, so that a record written by a newer minor version loses nothing here.
const schema = z.looseObject({
  formatVersion: z.literal(ARCHIVE_FORMAT),
  archiveId: z.string(),
  envId: z.string(),
  taskId: z.string(),
  runId: z.string().optional(),
  createdAt: z.string(),
  branch: z.string().optional(),
  headCommit: z.string().optional(),
  snapshotCommit: z.string().optional(),
  refs: z.array(z.string()),
  bytes: z.number().nonnegative().optional(),
  contains: z.object({ commits: count, staged: count, unstaged: count, untracked: count, stashes: count }),
  skipped: z.array(z.string()),
  workspace: workspaceSchema,
})

/** @throws IntegrityError RECORD_CORRUPT naming the file; a newer format is left alone. */
export function parseArchiveRecord(value: unknown, file: string): ArchiveRecord {
  const result = schema.safeParse(value)
  if (result.success) return result.data
  throw unreadableRecord({
    what: 'archive record',
    file,
    value,
    known: ARCHIVE_FORMAT,
    problem: result.error,
  })
}

/** The archive that is being made, by the file that says so; undefined where the file says nothing. */
export function parseArchiveClaim(value: unknown): string | undefined {
  return z.object({ archiveId: z.string() }).safeParse(value).data?.archiveId
}
