import { mkdtemp, realpath, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const MEMORY = '/dev/shm'
const ROOM_BYTES = 512 * 1024 * 1024

/**
 * A new folder, in memory where there is room and TMPDIR says nothing else: what is tortured is processes, not
 * disks, and a disk's journal costs nearly half of the time.
 */
export async function makePlayground(): Promise<string> {
  const parent = process.env['TMPDIR'] === undefined && (await hasRoom(MEMORY)) ? MEMORY : tmpdir()
  return realpath(await mkdtemp(join(parent, 'gti-torture-')))
}

async function hasRoom(directory: string): Promise<boolean> {
  try {
    const { bavail, bsize } = await statfs(directory)
    return bavail * bsize >= ROOM_BYTES
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false
    throw error
  }
}
