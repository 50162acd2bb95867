import { z } from 'zod'
import { IntegrityError } from '../errors/workspace-error.js'
import { parseJson } from './json-text.js'

export const MANIFEST_FORMAT = 1

/** Where a file of an archive belongs. */
export type FilePlace = 'checkout' | 'git dir' | 'common dir' | 'context' | 'beside'

/**
 * What an archive's snapshot holds beside the files themselves. Names have one character for each byte, and `/`
 * between folders; permissions are numbers as of chmod(2).
 */
export interface ArchiveManifest {
  readonly formatVersion: number
  /** `gone`: the checkout's folder was not there any more, so that only commits are archived. */
  readonly files: 'present' | 'gone'
  /**
   * `as committed`: a file of the base that is neither here nor deleted had the bytes of the commit, whatever the
   * settings for line ends. Absent in the first archives: it had those of a checkout.
   */
  readonly base?: 'as committed' | undefined
  /** Files of the base, and folders of its submodules, that the checkout had not. */
  readonly deleted: readonly string[]
  /** What new files and folders were not given when they were archived; absent in the first archives. */
  readonly umask?: number | undefined
  /** Of what a new file or folder does not get by itself. */
  readonly permissions: readonly (readonly [name: string, mode: number])[]
  /** Folders that no file leads to, or with permissions of their own; a `/` at the end, and alone for the checkout's. */
  readonly folders: readonly (readonly [name: string, mode: number])[]
  /** The same for what the agent left beside its checkout, relative to the task's folder. */
  readonly besideFolders: readonly (readonly [name: string, mode: number])[]
  /** The same for what was archived of the git dir, relative to it. */
  readonly gitDirFolders: readonly (readonly [name: string, mode: number])[]
  /** What stands under `special/` by number, in this order. */
  readonly special: readonly {
    readonly place: FilePlace
    readonly name: string
    readonly mode?: number | undefined
  }[]
  /** The agent's refs, and what they are called in the archive. */
  readonly refs: readonly (readonly [ref: string, archived: string])[]
  /** Commits whose parents nobody had, since the agent had fetched no more than them. */
  readonly cuts: readonly string[]
  /** The newest first. */
  readonly stashes: readonly { readonly commit: string; readonly message: string }[]
}

/** Text where the bytes are UTF-8, so that people can read it. */
const name = z.union([
  z.string().transform((text) => Buffer.from(text).toString('latin1')),
  z
    .object({ base64: z.string() })
    .transform(({ base64 }) => Buffer.from(base64, 'base64').toString('latin1')),
])
const mode = z.number().int().nonnegative().max(0o7777)

const schema = z.looseObject({
  formatVersion: z.literal(MANIFEST_FORMAT),
  files: z.enum(['present', 'gone']),
  base: z.literal('as committed').optional(),
  deleted: z.array(name),
  umask: mode.optional(),
  permissions: z.array(z.tuple([name, mode])),
  folders: z.array(z.tuple([name, mode])),
  besideFolders: z.array(z.tuple([name, mode])).default([]),
  gitDirFolders: z.array(z.tuple([name, mode])).default([]),
  special: z.array(
    z.object({
      place: z.enum(['checkout', 'git dir', 'common dir', 'context', 'beside']),
      name,
      mode: mode.optional(),
    }),
  ),
  refs: z.array(z.tuple([z.string(), z.string()])),
  cuts: z.array(z.string().regex(/^[0-9a-f]+$/)).default([]),
  stashes: z.array(z.object({ commit: z.string(), message: z.string() })),
})

export function writeManifest(manifest: ArchiveManifest): string {
  const named = ([name, mode]: readonly [string, number]) => [readable(name), mode]
  return `${JSON.stringify(
    {
      ...manifest,
      deleted: manifest.deleted.map(readable),
      permissions: manifest.permissions.map(named),
      folders: manifest.folders.map(named),
      besideFolders: manifest.besideFolders.map(named),
      gitDirFolders: manifest.gitDirFolders.map(named),
      special: manifest.special.map((file) => ({ ...file, name: readable(file.name) })),
    },
    null,
    1,
  )}\n`
}

/** @throws IntegrityError RECORD_CORRUPT naming the archive. */
export function parseManifest(text: string, archiveId: string): ArchiveManifest {
  const result = schema.safeParse(parseJson(text))
  if (result.success) return result.data
  throw new IntegrityError('RECORD_CORRUPT', 'the manifest of an archive cannot be read', {
    data: { archiveId },
  })
}

function readable(name: string): string | { base64: string } {
  const bytes = Buffer.from(name, 'latin1')
  const text = bytes.toString('utf8')
  return Buffer.from(text).equals(bytes) ? text : { base64: bytes.toString('base64') }
}
