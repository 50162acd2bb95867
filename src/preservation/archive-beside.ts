import { join } from 'node:path'
import { bytesOfText, textOfBytes } from '../fs/byte-names.js'
import { kindOf } from '../fs/presence.js'
import type { ArchiveManifest } from '../model/archive-manifest.js'
import { NO_BASELINE } from './archive-baseline.js'
import type { CollectRequest, PlacedFile } from './archive-git-dir.js'
import { walk } from './archive-walk.js'
import { type BesidePlace, namesToLeaveOut } from './beside.js'

/** What was written of a task's folder; names are relative to it. */
export interface Beside {
  readonly files: readonly PlacedFile[]
  readonly folders: ArchiveManifest['besideFolders']
  readonly skipped: readonly string[]
}

/** Writes what an agent left beside its checkout, byte for byte, ignored files included. */
export async function collectBeside(place: BesidePlace, request: CollectRequest): Promise<Beside> {
  const known = place.known.map((name) => Buffer.from(name).toString('latin1'))
  const baseline = { ...NO_BASELINE, unchanged: new Set(known) }
  const leaveOut = await namesToLeaveOut(place)
  const parts = [{ prefix: '', baseline, leaveOut }]
  for (const folder of place.repositories) {
    const prefix = `${bytesOfText(folder).toString('latin1')}/`
    parts.push({ prefix, baseline: { ...NO_BASELINE, unchanged: new Set() }, leaveOut: [] })
  }
  const all: Beside[] = []
  for (const part of parts) all.push(await collectPart(place, part, request))
  return {
    files: all.flatMap(({ files }) => files),
    folders: all.flatMap(({ folders }) => folders),
    skipped: all.flatMap(({ skipped }) => skipped),
  }
}

interface Part {
  readonly prefix: string
  readonly baseline: typeof NO_BASELINE
  readonly leaveOut: readonly string[]
}

async function collectPart(
  { rootDir }: BesidePlace,
  { prefix, baseline, leaveOut }: Part,
  request: CollectRequest,
): Promise<Beside> {
  const directory = join(rootDir, textOfBytes(Buffer.from(prefix, 'latin1')))
  // The task's folder may be gone, and so may be that of a worktree that is still registered.
  if ((await kindOf(directory)) === 'absent') return { files: [], folders: [], skipped: [] }
  const found = await walk({ ...request, directory, baseline, leaveOut, place: 'special' })
  return {
    files: found.special.map((file) => ({
      ...file,
      place: 'beside',
      path: prefix + file.path,
      permissions: found.permissions.get(file.path),
    })),
    folders: [...found.folders].map(([name, mode]) => [prefix + name, mode] as const),
    skipped: found.skipped.map((name) => `../${prefix}${name}`),
  }
}
