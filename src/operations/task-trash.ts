import { rm } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { hasErrorCode } from '../errors/workspace-error.js'
import { sessionFacts } from '../events/event-map.js'
import { assertNoLinkInside, removeIfEmpty } from '../fs/contained-path.js'
import { diskUsage } from '../fs/disk-usage.js'
import { kindOf, namesIn } from '../fs/presence.js'
import { makerOfTemporary } from '../fs/temporary-name.js'
import { deleteTree, isTrashName, moveToTrash, trashBeside } from '../fs/trash.js'
import { environmentLayout, taskLayout } from '../model/layout.js'
import type { SessionRecord } from '../model/session-record.js'
import { sessionName } from '../model/workspace-key.js'
import { assertOwnFolder } from './assert-own-folder.js'
import type { Services } from './services.js'

/** `all but checkout`: for one that vanished, while what is beside it is still there. */
export type Keep = 'nothing' | 'artifacts' | 'all but checkout'

/** With the file that hides them from an old shared checkout. */
const ARTIFACTS: readonly string[] = ['output', 'logs', '.gitignore']

/**
 * Moves a task's folder, or all of it but for its artifacts, into the session's part of the trash.
 *
 * @throws IntegrityError TAMPERED where a link leads elsewhere; nothing was moved.
 */
export async function moveAside(services: Services, record: SessionRecord, keep: Keep): Promise<void> {
  const { root } = services.settings
  await assertOwnFolder(root, record)
  const trash = trashOf(services, record)
  await assertNoLinkInside(root, trash)
  const parts = await partsToGo(record, keep)
  await Promise.all(parts.map((path) => moveToTrash(path, trash)))
}

async function partsToGo({ rootDir }: SessionRecord, keep: Keep): Promise<string[]> {
  if (keep === 'nothing') return [rootDir]
  if (keep === 'all but checkout') return [join(rootDir, 'workdir')]
  const names = await namesIn(rootDir)
  return names.filter((name) => !ARTIFACTS.includes(name)).map((name) => join(rootDir, name))
}

/** What is being deleted of a session. */
export interface Emptying {
  /** The bytes of disk blocks that come free: known when they are counted. */
  readonly freedBytes: Promise<number>
  /** Has the event `cleanup.freed` tell them when they are free, because nobody has told of them. */
  tellLater(): void
}

/**
 * Has deleted what this session has in the trash, also what an earlier removal that was killed left there; in the
 * background, but for what is outside the trash, where no sweep would find it. What cannot be deleted is said, and
 * stays out of the way.
 */
export async function emptyTrash(services: Services, record: SessionRecord): Promise<Emptying> {
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
  const freed = await Promise.all(beside.map((path) => deleteNow(services, record, path)))
  const telling = { isLate: false }
  const measured = inTrash.map((path) => deleteLater(services, record, path, telling))
  return {
    freedBytes: Promise.all(measured).then((bytes) => sum([...freed, ...bytes])),
    tellLater: () => {
      telling.isLate = true
    },
  }
}

/** Secrets do not wait for the deletion. The folders are the task's own ones; what else may be in a trash is no folder. */
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

/** Answers with the bytes that came free. */
async function deleteNow(services: Services, record: SessionRecord, path: string): Promise<number> {
  const bytes = await diskUsage(path)
  try {
    await deleteTree(path)
    return bytes
  } catch (error) {
    if (!hasErrorCode(error, 'ROLLBACK_INCOMPLETE')) throw error
    warn(services, record, error)
    return bytes - (await diskUsage(path))
  }
}

/** Answers with the bytes that it takes; never where the manager is closed before they are counted. */
function deleteLater(
  services: Services,
  record: SessionRecord,
  path: string,
  telling: { readonly isLate: boolean },
): Promise<number> {
  return new Promise((resolve) => {
    services.deletions.add({
      path,
      onMeasured: resolve,
      onDeleted: (freedBytes) => {
        if (telling.isLate) services.events.emit('cleanup.freed', sessionFacts(record), { freedBytes })
      },
      onFailure: (failure) => warn(services, record, failure),
    })
  })
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
