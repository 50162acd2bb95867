import { rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { hasErrorCode } from '../../errors/workspace-error.js'
import { sessionFacts } from '../../events/event-map.js'
import { assertNoLinkInside, removeIfEmpty } from '../../fs/contained-path.js'
import { diskUsage } from '../../fs/disk-usage.js'
import { assertStillHolding } from '../../fs/lock-context.js'
import { kindOf, namesIn } from '../../fs/presence.js'
import { makerOfTemporary } from '../../fs/temporary-name.js'
import { deleteTree, isTrashName, moveToTrash, trashBeside } from '../../fs/trash.js'
import { environmentLayout, taskLayout } from '../../model/layout.js'
import type { SessionRecord } from '../../model/session-record.js'
import { sessionName } from '../../model/workspace-key.js'
import { assertOwnFolder } from '../assert-own-folder.js'
import type { Services } from '../services.js'

/** `all but checkout`: for one that vanished, while what is beside it is still there. */
export type Keep = 'nothing' | 'artifacts' | 'all but checkout'

/** With the file that hides them from an old shared checkout. */
export const ARTIFACTS: readonly string[] = ['output', 'logs', '.gitignore']

/**
 * Moves a task's folder, or all of it but for its artifacts, into the session's part of the trash.
 *
 * @returns where it is now.
 * @throws IntegrityError TAMPERED where a link leads elsewhere; nothing was moved.
 */
export async function moveAside(services: Services, record: SessionRecord, keep: Keep): Promise<string[]> {
  const { root } = services.settings
  await assertOwnFolder(root, record)
  const trash = trashOf(services, record)
  await assertNoLinkInside(root, trash)
  const parts = await partsToGo(record, keep)
  await assertStillHolding()
  const moved = await Promise.all(parts.map((path) => moveToTrash(path, trash)))
  return moved.filter((path) => path !== undefined)
}

async function partsToGo({ rootDir }: SessionRecord, keep: Keep): Promise<string[]> {
  if (keep === 'nothing') return [rootDir]
  if (keep === 'all but checkout') return [join(rootDir, 'workdir')]
  const names = await namesIn(rootDir)
  return names.filter((name) => !ARTIFACTS.includes(name)).map((name) => join(rootDir, name))
}

/** What is being deleted of a session. */
export interface Emptying {
  /** The session's part of the trash. */
  readonly trash: string
  /** The bytes of disk blocks that come free: known when they are counted. */
  readonly freedBytes: Promise<number>
  /** What this removal has in the trash. */
  readonly deleting: readonly string[]
  /**
   * What of it cannot be deleted, and stays where it is: known when all was tried; never where the manager is closed
   * first.
   */
  readonly left: Promise<readonly string[]>
  /** Has the event `cleanup.freed` tell them when they are free, because nobody has told of them. */
  tellLater(): void
}

/**
 * Has deleted what this session has in the trash, also what an earlier removal that was killed left there; in the
 * background, but for what is outside the trash, where no sweep would find it. What cannot be deleted is said, and
 * stays out of the way.
 *
 * @param moved What this removal has moved there; what is left of earlier ones was told of by them, unless there is
 * nothing else.
 */
export async function emptyTrash(
  services: Services,
  record: SessionRecord,
  moved: readonly string[],
): Promise<Emptying> {
  const trash = trashOf(services, record)
  await assertNoLinkInside(services.settings.root, trash)
  const ours = (await namesIn(trash)).filter(
    (name) => isTrashName(name) || makerOfTemporary(name) !== undefined,
  )
  const inTrash = ours.map((name) => join(trash, name))
  await forgetCredentials(services, record, inTrash)
  if (inTrash.length === 0) await removeIfEmpty(trash)
  const inTask = (await namesIn(record.rootDir)).filter((name) => name.startsWith('.trash-'))
  const beside = [...(await trashBeside(record.rootDir)), ...inTask.map((name) => join(record.rootDir, name))]
  const now = await Promise.all(beside.map((path) => deleteNow(services, record, path)))
  const telling = { isLate: false }
  const later = inTrash.map((path) => deleteLater(services, record, path, telling))
  const own = [...now, ...later].filter(({ path }) => moved.length === 0 || moved.includes(path))
  const bytes = later.map(({ measured }) => measured)
  return {
    trash,
    deleting: own.map(({ path }) => path),
    freedBytes: Promise.all([...now.map(({ freed }) => freed), ...bytes]).then(sum),
    left: Promise.all(own.map(({ left }) => left)).then((paths) =>
      paths.filter((path) => path !== undefined),
    ),
    tellLater: () => {
      telling.isLate = true
    },
  }
}

/**
 * Secrets do not wait for the deletion. The folders are the task's own ones; what else may be in a trash is no folder.
 */
async function forgetCredentials(
  { settings }: Services,
  record: SessionRecord,
  inTrash: readonly string[],
): Promise<void> {
  const name = basename(taskLayout(settings.root, record).credentialsFile)
  for (const path of inTrash) {
    if (basename(path).startsWith(`${name}.`)) await rm(path, { force: true })
    else if ((await kindOf(path)) === 'directory') await rm(join(path, name), { force: true })
  }
}

interface Deleted {
  readonly path: string
  readonly freed: number
  /** Where something of it is left. */
  readonly left?: string
}

async function deleteNow(services: Services, record: SessionRecord, path: string): Promise<Deleted> {
  const bytes = await diskUsage(path)
  try {
    await deleteTree(path)
    return { path, freed: bytes }
  } catch (error) {
    if (!hasErrorCode(error, 'ROLLBACK_INCOMPLETE')) throw error
    warn(services, record, error)
    return { path, freed: bytes - (await diskUsage(path)), left: path }
  }
}

interface Deleting {
  readonly path: string
  /** The bytes that it takes. */
  readonly measured: Promise<number>
  /** Where something of it is left, if anything. */
  readonly left: Promise<string | undefined>
}

/** Nothing is answered where the manager is closed before it is known. */
function deleteLater(
  services: Services,
  record: SessionRecord,
  path: string,
  telling: { readonly isLate: boolean },
): Deleting {
  const [measured, left] = [answer<number>(), answer<string | undefined>()]
  services.deletions.add({
    path,
    onMeasured: measured.resolve,
    onDeleted: (freedBytes) => {
      left.resolve(undefined)
      if (telling.isLate) services.events.emit('cleanup.freed', sessionFacts(record), { freedBytes })
    },
    onFailure: (failure) => {
      left.resolve(path)
      warn(services, record, failure)
    },
  })
  return { path, measured: measured.promise, left: left.promise }
}

function answer<T>() {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>((give) => {
    resolve = give
  })
  return { promise, resolve }
}

function warn(services: Services, record: SessionRecord, failure: Error): void {
  const code = hasErrorCode(failure, 'ROLLBACK_INCOMPLETE') ? failure.code : 'GIT_FAILED'
  services.events.emit('warning', sessionFacts(record), { code, message: failure.message })
}

function trashOf(services: Services, record: SessionRecord): string {
  return join(environmentLayout(services.settings.root, record.envId).trashDir, sessionName(record))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
