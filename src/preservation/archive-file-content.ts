import { constants, type Stats } from 'node:fs'
import { type FileHandle, open, readlink } from 'node:fs/promises'
import { throwIfStopped } from '../errors/stop-reason.js'
import { isSystemError } from '../errors/system-error.js'
import { IntegrityError } from '../errors/workspace-error.js'
import type { ObjectFormat } from '../model/object-format.js'
import { objectHash, type PackedObject, type PackWriter } from './archive-pack-writer.js'
import type { HoleBudget } from './hole-budget.js'

/** Larger files are read twice, piece by piece: once for their name, once for their content. */
const LARGEST_IN_MEMORY = 8 << 20
const PIECE_BYTES = 1 << 20

/** What the files of one archive have in common. */
export interface ContentRequest {
  readonly writer: PackWriter
  readonly format: ObjectFormat
  readonly holes: HoleBudget
  readonly signal?: AbortSignal | undefined
}

/** What was read of a file or link, still to be written. */
export interface ReadContent {
  /** As in a tree of git's. */
  readonly mode: '100644' | '100755' | '120000'
  /** The permissions of a file. */
  readonly permissions?: number
  /** Writes it; answers with its name. */
  readonly write: () => Promise<string>
}

/**
 * Reads what a link says, or a file's bytes as they are, without following a link or waiting for a pipe.
 *
 * @throws IntegrityError ARCHIVE_FAILED naming a file that changes while it is read, or has too many holes.
 */
export async function readContent(
  request: ContentRequest,
  path: Buffer,
  kind: 'file' | 'link',
): Promise<ReadContent> {
  const { writer, holes } = request
  if (kind === 'link') {
    const link = writer.pack('blob', await readlink(path, 'buffer'))
    return { mode: '120000', write: () => writer.add(link) }
  }
  const file = await openFile(path)
  try {
    const stats = await file.stat()
    if (!stats.isFile()) throw changed(path)
    const permissions = stats.mode & 0o7777
    const mode = (stats.mode & 0o100) === 0 ? '100644' : '100755'
    holes.count(stats, path)
    if (stats.size > LARGEST_IN_MEMORY) {
      return { mode, permissions, write: () => writeLarge(request, path) }
    }
    const blob = await readSmall(writer, file, path, stats)
    return { mode, permissions, write: () => writer.add(blob) }
  } finally {
    await file.close()
  }
}

async function openFile(path: Buffer): Promise<FileHandle> {
  try {
    return await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (error) {
    if (isSystemError(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO')) throw changed(path, error)
    if (isSystemError(error, 'EACCES', 'EPERM')) throw unreadable(path, error)
    throw error
  }
}

async function readSmall(
  writer: PackWriter,
  file: FileHandle,
  path: Buffer,
  before: Stats,
): Promise<PackedObject> {
  // One byte more than there should be, so that growth is seen.
  const wanted = before.size + 1
  const buffer = Buffer.allocUnsafe(wanted)
  let length = 0
  while (length < wanted) {
    const { bytesRead } = await file.read(buffer, length, wanted - length, length)
    if (bytesRead === 0) break
    length += bytesRead
  }
  if (length !== before.size) throw changed(path)
  assertSame(before, await file.stat(), path)
  return writer.pack('blob', buffer.subarray(0, length))
}

async function writeLarge({ writer, format, signal }: ContentRequest, path: Buffer): Promise<string> {
  const file = await openFile(path)
  try {
    const before = await file.stat()
    const oid = await nameOf(format, file, before.size, signal)
    const second = objectHash(format, 'blob', before.size)
    await writer.addStream(
      oid,
      before.size,
      pieces(file, (piece) => second.update(piece), signal),
    )
    assertSame(before, await file.stat(), path)
    if (second.digest('hex') !== oid) throw changed(path)
    return oid
  } finally {
    await file.close()
  }
}

async function nameOf(
  format: ObjectFormat,
  file: FileHandle,
  size: number,
  signal: AbortSignal | undefined,
): Promise<string> {
  const hash = objectHash(format, 'blob', size)
  for await (const piece of pieces(file, () => undefined, signal)) hash.update(piece)
  return hash.digest('hex')
}

async function* pieces(
  file: FileHandle,
  onPiece: (piece: Buffer) => unknown,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  for (let at = 0; ; ) {
    throwIfStopped(signal)
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(PIECE_BYTES), 0, PIECE_BYTES, at)
    if (bytesRead === 0) return
    const piece = buffer.subarray(0, bytesRead)
    onPiece(piece)
    yield piece
    at += bytesRead
  }
}

function assertSame(before: Stats, after: Stats, path: Buffer): void {
  const isSame =
    before.size === after.size && before.mtimeMs === after.mtimeMs && before.ctimeMs === after.ctimeMs
  if (!isSame) throw changed(path)
}

function changed(path: Buffer, cause?: unknown): IntegrityError {
  return new IntegrityError('ARCHIVE_FAILED', `a file changed while it was read: ${path.toString()}`, {
    data: { path: path.toString() },
    hint: 'Stop what still works in the workspace, then try again.',
    cause,
  })
}

function unreadable(path: Buffer, cause: unknown): IntegrityError {
  return new IntegrityError('ARCHIVE_FAILED', `a file may not be read: ${path.toString()}`, {
    data: { path: path.toString() },
    cause,
  })
}
