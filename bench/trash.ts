import { randomUUID } from 'node:crypto'
import { mkdir, rename, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { EXT4, fileSystemOf } from './file-system.js'
import { removeTrees, settleDisk } from './plain-programs.js'

/**
 * Where checkouts go after their round. Deleting them at once would spoil the next round: for a minute ext4 does
 * not use the inode of a deleted file again, and looks at each of them in turn whenever a file is created
 * (`recently_deleted` in fs/ext4/ialloc.c). A checkout then takes ten times as long, whoever makes it.
 */
export interface TrashFolder {
  readonly path: string
  /** It is emptied when the file system has less than this. */
  readonly bytesToKeepFree: number
  readonly inodesToKeepFree: number
}

/** On the disk, with the folders and what git keeps: more than was ever seen. */
const BYTES_PER_FILE = 12 * 1024
const INODES_PER_FILE = 1.5

const EXT4_FORGETS_AFTER_MS = 65_000

/** Half of what is free now may be used. */
export async function makeTrash(path: string): Promise<TrashFolder> {
  await mkdir(path)
  const { bavail, bsize, ffree } = await statfs(path)
  return { path, bytesToKeepFree: (bavail * bsize) / 2, inodesToKeepFree: ffree / 2 }
}

/** Takes something away without deleting it; nothing happens where there is nothing. */
export async function discard(trash: TrashFolder, path: string): Promise<void> {
  try {
    await rename(path, join(trash.path, randomUUID()))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error
  }
}

/** Whether so many files can be written at all. */
export async function hasRoomFor({ path }: TrashFolder, files: number): Promise<boolean> {
  const { bavail, bsize, ffree } = await statfs(path)
  return files * BYTES_PER_FILE < bavail * bsize && files * INODES_PER_FILE < ffree
}

/** Empties the trash when the disk needs it, and waits until that can no longer be felt. */
export async function emptyTrashWhenFull(trash: TrashFolder): Promise<void> {
  const { bavail, bsize, ffree } = await statfs(trash.path)
  if (bavail * bsize >= trash.bytesToKeepFree && ffree >= trash.inodesToKeepFree) return
  await removeTrees(trash.path)
  await mkdir(trash.path)
  await settleDisk(trash.path)
  if ((await fileSystemOf(trash.path)) === EXT4) await setTimeout(EXT4_FORGETS_AFTER_MS)
}
