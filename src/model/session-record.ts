import { z } from 'zod'
import { type AskedFor, askedFor } from './asked-for.js'
import { type OnUnsavedWork, unsavedWorkSchema } from './options.js'
import { migrateRecord } from './record-migrations.js'
import { unreadableRecord } from './unreadable-record.js'
import type { WorkspaceKey } from './workspace-key.js'

export const SESSION_FORMAT = 2

/**
 * How far a session has come: claimed, being made, to be worked in, ended, or being removed.
 *
 * @see {@link Manager.list}
 */
export type SessionState = 'reserved' | 'preparing' | 'ready' | 'finished' | 'removing'

/**
 * How a task ended.
 *
 * @see {@link Manager.finish}
 */
export type Outcome = 'succeeded' | 'failed' | 'cancelled'

/**
 * The process that made a record: enough to tell, on its own host, whether it still lives.
 *
 * @see {@link Manager.list}
 */
export interface Owner {
  /** Its machine. */
  readonly host: string
  /** Its process id there. */
  readonly pid: number
  /** When it started, so that another process with the same id is told from it. */
  readonly processStart: string
  /** Unique per process. */
  readonly id: string
  /** The start of its machine; empty where it cannot be learnt. */
  readonly bootId: string
}

/**
 * What a workspace started from.
 *
 * @see {@link Freshness}
 */
export interface Base {
  /** The ref as asked for, or the default branch's name. */
  readonly ref: string
  /** Its object id when the workspace was made or last refreshed. */
  readonly commit: string
  /** When the mirror last heard from the remote, ISO 8601 UTC; absent where nothing is ever fetched. */
  readonly fetchedAt?: string | undefined
  /** Whether the remote may have moved on, because it could not be or was not to be asked. */
  readonly stale: boolean
}

/**
 * What a strategy made: plain data, stored so that a later process can remove it.
 *
 * @see {@link Strategy}
 */
export interface Tree {
  /** The checkout. */
  readonly workDir: string
  /** The repository that the checkout registers itself in, where it shares one. */
  readonly gitDir?: string | undefined
  /** The name of the registration in that repository. */
  readonly registration?: string | undefined
  /** The branch that was made for it. */
  readonly branch?: string | undefined
  /** The commit the branch was made at. */
  readonly baseCommit?: string | undefined
  /** More that a custom strategy wants back. */
  readonly details?: Readonly<Record<string, string>> | undefined
}

/**
 * What a refresh that has begun to write files brings a checkout from and to, as object ids of commits.
 *
 * @see {@link Strategy}
 */
export interface RefreshMove {
  /** The commit that HEAD names. */
  readonly from: string
  /** The one that it is to name. */
  readonly to: string
}

/**
 * One workspace as the registry knows it. Times are ISO 8601 UTC.
 *
 * @see {@link Manager.list}
 */
export interface SessionRecord extends WorkspaceKey, AskedFor {
  /** Of the record's file. */
  readonly formatVersion: number
  /** How far it has come. */
  readonly state: SessionState
  /** How the task ended, once somebody said so. */
  readonly outcome?: Outcome | undefined
  /** By its name. */
  readonly strategy: string
  /** The task's folder. */
  readonly rootDir: string
  /** The checkout in it; for `local` the caller's folder. */
  readonly workDir: string
  /** Absent: detached HEAD, a plain directory, or the caller's own folder. */
  readonly branch?: string | undefined
  /** Absent for a plain directory. */
  readonly base?: Base | undefined
  /** Things a person should know: submodules not initialised, LFS files left as pointers. */
  readonly notices?: readonly string[] | undefined
  /** What its strategy made. */
  readonly tree?: Tree | undefined
  /** While it is being prepared: a branch of the repository that it takes the place of, and where that was. */
  readonly replaces?:
    | {
        /** Its name. */
        readonly branch: string
        /** Where it was. */
        readonly commit: string
      }
    | undefined
  /** The folder the task's `.agent_context` files are in. */
  readonly contextDir?: string | undefined
  /** The files that the caller had written into the task's folder, relative to it. */
  readonly taskFiles?: readonly string[] | undefined
  /** What a removal that has begun was asked for, so that another process can go on with it. */
  readonly removal?:
    | {
        /** What it does about unsaved work. */
        readonly policy: OnUnsavedWork
        /** What it leaves. */
        readonly keep: 'nothing' | 'artifacts' | 'all but checkout'
        /** Where its unsaved work is. */
        readonly archiveId?: string | undefined
      }
    | undefined
  /** A refresh that is writing files, or never ended, so that the next verb completes it. */
  readonly refreshing?:
    | (RefreshMove & {
        /** What the workspace starts from once that is done. */
        readonly base: Base
      })
    | undefined
  /** Who made it, or last took it over. */
  readonly owner: Owner
  /** When its key was claimed. */
  readonly createdAt: string
  /** Which handing out it is of, once a workspace that had ended was handed out again; absent before that. */
  readonly reservationId?: string | undefined
  /** When the record last changed. */
  readonly updatedAt: string
  /** When the outcome was recorded. */
  readonly finishedAt?: string | undefined
}

const base = z.object({
  ref: z.string(),
  commit: z.string(),
  fetchedAt: z.string().optional(),
  stale: z.boolean(),
})

const tree = z.object({
  workDir: z.string(),
  gitDir: z.string().optional(),
  registration: z.string().optional(),
  branch: z.string().optional(),
  baseCommit: z.string().optional(),
  details: z.record(z.string(), z.string()).optional(),
})

const owner = z.object({
  host: z.string(),
  pid: z.number().int(),
  processStart: z.string(),
  id: z.string(),
  bootId: z.string(),
})

// Unknown keys are kept, so that a record written by a newer minor version loses nothing here.
const recordSchema = z.looseObject({
  formatVersion: z.literal(SESSION_FORMAT),
  envId: z.string(),
  taskId: z.string(),
  runId: z.string().optional(),
  state: z.enum(['reserved', 'preparing', 'ready', 'finished', 'removing']),
  outcome: z.enum(['succeeded', 'failed', 'cancelled']).optional(),
  strategy: z.string(),
  rootDir: z.string(),
  workDir: z.string(),
  branch: z.string().optional(),
  base: base.optional(),
  ...askedFor,
  notices: z.array(z.string()).optional(),
  tree: tree.optional(),
  replaces: z.object({ branch: z.string(), commit: z.string() }).optional(),
  contextDir: z.string().optional(),
  taskFiles: z.array(z.string()).optional(),
  removal: z
    .object({
      policy: unsavedWorkSchema,
      keep: z.enum(['nothing', 'artifacts', 'all but checkout']),
      archiveId: z.string().optional(),
    })
    .optional(),
  refreshing: z.object({ from: z.string(), to: z.string(), base }).optional(),
  owner,
  createdAt: z.string(),
  reservationId: z.string().optional(),
  updatedAt: z.string(),
  finishedAt: z.string().optional(),
})

/** The owner that a lease names; undefined where it names none. */
export function parseOwner(value: unknown): Owner | undefined {
  return owner.safeParse(value).data
}

/** The fields that no record can have as they are. */
export function wrongFields(record: object): string[] {
  const issues = recordSchema.safeParse(record).error?.issues ?? []
  return issues.map(({ path }) => path.map(String).join('.'))
}

/** Reads older formats too. @throws IntegrityError RECORD_CORRUPT naming the file; a newer format is left alone. */
export function parseSessionRecord(value: unknown, file: string): SessionRecord {
  const { success, data, error: problem } = recordSchema.safeParse(migrateRecord(value, SESSION_FORMAT))
  if (success) return data
  throw unreadableRecord({ what: 'session record', file, value, known: SESSION_FORMAT, problem })
}
