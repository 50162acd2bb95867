import { readdir } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

const PATIENCE_MS = 20_000
const PAUSE_MS = 10

/**
 * Waits until the deletions that go on in the background have emptied a folder of trash; answers with what is in it
 * after twenty seconds, or as long as is said. Children of other processes may be at work, of which nothing tells but the folder.
 */
export async function emptiedTrash(trashDir: string, patienceMs = PATIENCE_MS): Promise<string[]> {
  const end = performance.now() + patienceMs
  for (;;) {
    const names = await namesIn(trashDir)
    if (names.length === 0 || performance.now() > end) return names
    await delay(PAUSE_MS)
  }
}

async function namesIn(directory: string): Promise<string[]> {
  return readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return []
    throw error
  })
}
