import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { throwIfStopped } from '../errors/stop-reason.js'
import { isSystemError } from '../errors/system-error.js'
import { runFileProgram } from './file-program.js'

const BLOCK_BYTES = 512

/** How long the paths of one call may be together; systems allow 256 KiB and more. */
const ARGUMENT_BYTES = 128 * 1024

/**
 * The bytes of disk blocks that a file or a tree takes; hard links in it count once, links are not followed. What
 * vanishes or cannot be read meanwhile counts nothing.
 *
 * A child adds up, since Node needs a second for what `du` does in a tenth.
 */
export async function diskUsage(path: string, signal?: AbortSignal): Promise<number> {
  return (await diskUsages([path], signal)).get(path) ?? 0
}

/**
 * The same for each of several trees, none of which may be inside another. A file that several of them have by hard
 * links counts for the first of them. What is absent is left out. Only among many thousands of trees may a shared
 * file count twice.
 *
 * @throws the signal's `stopReason` when it is aborted.
 */
export async function diskUsages(
  paths: readonly string[],
  signal?: AbortSignal,
): Promise<Map<string, number>> {
  const usages = new Map<string, number>()
  for (const some of inCalls(paths)) {
    throwIfStopped(signal)
    for (const [path, bytes] of await usagesOf(some, signal)) usages.set(path, bytes)
  }
  return usages
}

function inCalls(paths: readonly string[]): string[][] {
  const calls: string[][] = []
  let length = Number.POSITIVE_INFINITY
  for (const path of paths) {
    length += Buffer.byteLength(path) + 1
    if (length > ARGUMENT_BYTES) {
      calls.push([])
      length = Buffer.byteLength(path) + 1
    }
    calls.at(-1)?.push(path)
  }
  return calls
}

async function usagesOf(paths: readonly string[], signal?: AbortSignal): Promise<Map<string, number>> {
  // du(1): -s the sums alone, -k in units of 1,024 bytes. It ends with 1 where it could not read a folder, and tells
  // the rest.
  const result = await runFileProgram('du', ['-sk', '--', ...paths], {
    signal,
    outputLimit: 4 * ARGUMENT_BYTES,
  })
  if (result !== undefined) return readUsages(result.stdout)
  const seen = new Set<string>()
  const usages = new Map<string, number>()
  for (const path of paths) {
    const bytes = await addUp(path, seen, signal)
    if (bytes !== undefined) usages.set(path, bytes)
  }
  return usages
}

/** One line for each path that is there, in the order of the paths. */
function readUsages(output: string): Map<string, number> {
  const lines = output.split('\n').map((line) => /^(\d+)\s+(.+)$/.exec(line))
  return new Map(lines.flatMap((line) => (line ? [[line[2] ?? '', Number(line[1]) * 1024] as const] : [])))
}

/** Undefined for what is absent, or cannot be looked at. */
async function addUp(path: string, seen: Set<string>, signal?: AbortSignal): Promise<number | undefined> {
  throwIfStopped(signal)
  const found = await ifReadable(lstat(path))
  if (found === undefined) return undefined
  const inode = `${found.dev}:${found.ino}`
  if (seen.has(inode)) return 0
  seen.add(inode)
  let bytes = found.blocks * BLOCK_BYTES
  const names = found.isDirectory() ? await ifReadable(readdir(path)) : undefined
  for (const name of names ?? []) bytes += (await addUp(join(path, name), seen, signal)) ?? 0
  return bytes
}

async function ifReadable<T>(read: Promise<T>): Promise<T | undefined> {
  try {
    return await read
  } catch (error) {
    if (!isSystemError(error, 'ENOENT', 'ENOTDIR', 'EACCES', 'EPERM')) throw error
    return undefined
  }
}
