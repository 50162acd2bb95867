import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path'
import { isSystemError } from '../errors/system-error.js'
import { IntegrityError } from '../errors/workspace-error.js'
import { canonicalPath } from '../fs/canonical-path.js'
import { readJsonIfPresent } from '../fs/read-json.js'
import { environmentLayout, managedReposDir, taskLayout } from '../model/layout.js'
import { parseSessionRecord, type SessionRecord, wrongFields } from '../model/session-record.js'
import { parseSessionName, type WorkspaceKey } from '../model/workspace-key.js'

/** A record's file, and what its place says about it. */
export interface RecordFile {
  readonly root: string
  readonly envId: string
  readonly file: string
}

/**
 * The record in a file; undefined where there is none. It is believed only where its key is that of the file's name
 * and its folders are those of that key, since whole folders are moved and deleted on its word.
 *
 * @throws IntegrityError RECORD_CORRUPT naming the file and the fields.
 */
export async function readRecord(place: RecordFile): Promise<SessionRecord | undefined> {
  const value = await readJsonIfPresent(place.file)
  if (value === undefined) return undefined
  const record = parseSessionRecord(value, place.file)
  const key = parseSessionName(place.envId, basename(place.file, '.json'))
  const fields = key === undefined ? ['file name'] : misfits(place.root, key, record)
  if (fields.length === 0) return record
  const message = `a session record does not fit its place: ${fields.join(', ')}`
  const madeFor = formerRoot(place.root, key, record)
  throw new IntegrityError('RECORD_CORRUPT', message, {
    data: { file: place.file, fields, ...(madeFor !== undefined && { madeFor }) },
    hint:
      madeFor === undefined
        ? 'The file was copied or changed by something else than this package.'
        : ofMovedRoot(madeFor),
  })
}

/** What helps where a root was moved or copied. */
function ofMovedRoot(madeFor: string): string {
  return (
    `The root was moved or copied: the record was made for the root ${madeFor}. Move it back, or make that path ` +
    'a link to the new place. Of a copy, use the original: the checkouts in the copy are plain folders.'
  )
}

/** The fields for which a record would not be believed once it is written; none where it would. */
export function unfitFields(root: string, record: SessionRecord): string[] {
  const wrong = wrongFields(record)
  return wrong.length > 0 ? wrong : misfits(root, record, record)
}

/** Whether a path is in what the manager makes under its root: no folder or repository of a caller is there. */
export function isManagersOwn(root: string, path: string): boolean {
  const all = wholeName(managedReposDir(root))
  const name = wholeName(path)
  if (!name.startsWith(`${all}${sep}`)) return false
  // An old shared checkout may stand in an environment's own folder, and is its caller's.
  const [environment, part] = name.slice(all.length + 1).split(sep)
  return environment === '.git-task' || part === '.git-task' || part === 'tasks'
}

function misfits(root: string, key: WorkspaceKey, record: SessionRecord): string[] {
  const layout = taskLayout(root, key)
  const { mirrorDir } = environmentLayout(root, key.envId)
  const { tree, rootDir, workDir } = record
  const isCallers = (path: string) => isUsable(path) && !isManagersOwn(root, path)
  const fits: Readonly<Record<string, boolean>> = {
    envId: record.envId === key.envId,
    taskId: record.taskId === key.taskId,
    runId: record.runId === key.runId,
    rootDir: isSamePlace(rootDir, layout.rootDir),
    workDir: isSamePlace(workDir, layout.workDir) || isCallers(workDir),
    'tree.workDir': tree === undefined || isSamePlace(tree.workDir, workDir),
    'tree.gitDir':
      tree?.gitDir === undefined || isSamePlace(tree.gitDir, mirrorDir) || isCallers(tree.gitDir),
    'tree.registration': tree?.registration === undefined || isOneName(tree.registration),
  }
  return Object.keys(fits).filter((field) => fits[field] === false)
}

/** Whoever wrote the record may have come to the root by another name. */
function isSamePlace(path: string, expected: string): boolean {
  if (path === expected) return true
  return isUsable(path) && nameOf(path) === nameOf(expected)
}

function isUsable(path: string): boolean {
  return isAbsolute(path) && !path.includes('\0')
}

function isOneName(name: string): boolean {
  return !/[/\\\0]/.test(name) && !['', '.', '..'].includes(name)
}

/** With a link at its end resolved, too. */
function wholeName(path: string): string {
  return dirname(nameOf(join(path, 'content')))
}

function nameOf(path: string): string {
  try {
    return canonicalPath(path)
  } catch (error) {
    // What leads nowhere has no better name than the one it was written with.
    if (!isSystemError(error, 'ELOOP', 'EACCES', 'ENAMETOOLONG')) throw error
    return resolve(path)
  }
}

/** A root that was moved or copied is told by folders that would be right below another root. */
function formerRoot(root: string, key: WorkspaceKey | undefined, record: SessionRecord): string | undefined {
  if (key === undefined) return undefined
  const below = taskLayout(root, key).rootDir.slice(root.length)
  if (!record.rootDir.endsWith(below) || isSamePlace(record.rootDir, root + below)) return undefined
  return record.rootDir.slice(0, -below.length)
}
