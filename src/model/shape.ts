import { z } from 'zod'

/**
 * What is left out of a partial mirror until it is asked for, as git-rev-list(1) writes it.
 *
 * @see {@link Shape}
 */
export type ObjectFilter = 'blob:none' | 'tree:0' | `blob:limit=${string}`

/**
 * How much of a big repository a workspace gets; whatever is absent is whole.
 *
 * @example
 * const shape: Shape = { depth: 1, sparse: ['docs'] }
 * const workspace = await manager.prepare({ envId: 'shop', taskId: 'task-7', source, ...shape })
 * workspace.session.shape?.depth // => 1
 */
export interface Shape {
  /** Where a clone's objects are: in the mirror (default), or all in the clone, which then needs nobody. */
  readonly objects?: 'borrowed' | 'own' | undefined
  /** How many commits deep a clone's history is. */
  readonly depth?: number | undefined
  /** What the environment's mirror leaves to be fetched when it is needed. */
  readonly filter?: ObjectFilter | undefined
  /** The folders that are checked out, with the files directly in those above them. Sorted; none is in another. */
  readonly sparse?: readonly string[] | undefined
}

/**
 * One way of making a checkout smaller, or more independent.
 *
 * @see {@link Shape}
 */
export type ShapePart = keyof Shape

export const SHAPE_PARTS = ['objects', 'depth', 'filter', 'sparse'] as const satisfies readonly ShapePart[]

/** git takes one more for "no limit" (INFINITE_DEPTH in its source). */
const MAX_DEPTH = 0x7fff_fffe
const FILTER = /^(?:blob:none|blob:limit=\d{1,15}[kmg]?|tree:0)$/

const filterSchema = z.custom<ObjectFilter>(
  (value) => typeof value === 'string' && FILTER.test(value),
  "it must be 'blob:none', 'blob:limit=<bytes>' (k, m or g may follow) or 'tree:0'",
)

const folderSchema = z
  .string()
  .max(4096)
  .transform((folder, context) => {
    const problem = folderProblem(folder)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
    return folder.replace(/\/$/, '')
  })

/** The options of a request that make its shape. */
export const shapeFields = {
  objects: z.enum(['borrowed', 'own']).optional(),
  depth: z.number().int().min(1).max(MAX_DEPTH).optional(),
  filter: filterSchema.optional(),
  sparse: z.array(folderSchema).min(1, 'it names no folder').max(1000).transform(outermost).optional(),
}

/** The shape as a record keeps it. */
export const shapeSchema = z.object(shapeFields)

/** The shape that was asked for; undefined where nothing was. */
export function shapeOf({ objects, depth, filter, sparse }: Shape): Shape | undefined {
  const asked = [objects, depth, filter, sparse].some((part) => part !== undefined)
  return asked ? Object.freeze({ objects, depth, filter, sparse }) : undefined
}

/** One part of a shape as text, the same for the same wish; undefined where nothing was asked for. */
export function describePart(shape: Shape | undefined, part: ShapePart): string | undefined {
  const value = shape?.[part]
  return value === undefined ? undefined : String(value)
}

/** Folders of the repository, never patterns: git takes a cone of folders only (git-sparse-checkout(1)). */
function folderProblem(folder: string): string | undefined {
  if (folder === '') return 'it is empty'
  if (folder.startsWith('-')) return 'it starts with "-"'
  if (folder.startsWith('/')) return 'it is absolute; folders are named from the top of the repository'
  if (/[\p{Cc}\p{Cs}\\]/u.test(folder)) return 'it holds a backslash or a character that no folder can have'
  if (/[*?!]/.test(folder)) return 'it is a pattern; name folders'
  const parts = folder.replace(/\/$/, '').split('/')
  return parts.some((part) => ['', '.', '..'].includes(part))
    ? 'it has an empty, "." or ".." part'
    : undefined
}

function outermost(folders: readonly string[]): readonly string[] {
  const isInside = (folder: string) => folders.some((other) => folder.startsWith(`${other}/`))
  return [...new Set(folders)].filter((folder) => !isInside(folder)).sort()
}
