import { chmod, lstat, mkdtemp, readdir, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished, TestRunner } from 'vitest'

const untilTheFileEnds: string[] = []

/**
 * A new empty directory, canonical (no symlink in its path), removed after the test that asked for it.
 * Asked for outside a test (or in a concurrent one, where vitest cannot tell which), it lives until the
 * test file ends.
 */
export async function temporaryDirectory(): Promise<string> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'gti-test-')))
  const test = TestRunner.getCurrentTest()
  if (test === undefined || test.concurrent === true) untilTheFileEnds.push(directory)
  else onTestFinished(() => removeTree(directory))
  return directory
}

/** Removes the directories that a test file had until its end; the set-up of each file sees to it. */
export async function removeDirectoriesOfTheFile(): Promise<void> {
  for (const directory of untilTheFileEnds.splice(0)) await removeTree(directory)
}

/** Removes a tree, the read-only folders in it included. */
export async function removeTree(directory: string): Promise<void> {
  // A process that was just stopped may still be writing; each retry starts from what is there then.
  const remove = () => rm(directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 50 })
  await remove().catch(async (error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EACCES')) throw error
    await makeWritable(directory)
    await remove()
  })
}

// Only folders matter: deleting a file needs the right to write its folder, not the file.
async function makeWritable(path: string): Promise<void> {
  const stats = await lstat(path).catch(absent)
  if (!stats?.isDirectory()) return
  // A deletion in the background may be at it as well, and be quicker.
  if ((stats.mode & 0o700) !== 0o700) await chmod(path, 0o700).catch(absent)
  const entries = await readdir(path, { withFileTypes: true }).catch(absent)
  for (const entry of entries ?? []) if (entry.isDirectory()) await makeWritable(join(path, entry.name))
}

function absent(error: unknown): undefined {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
  throw error
}
