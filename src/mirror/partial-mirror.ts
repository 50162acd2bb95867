import { randomBytes } from 'node:crypto'
import { InputError } from '../errors/workspace-error.js'
import type { ObjectFilter } from '../model/shape.js'
import type { MirrorContext } from './mirror-context.js'

/** Where a fetch goes, and what it has to be told for a mirror that leaves something out. */
export interface FetchPlace {
  readonly remote: string
  readonly config: Readonly<Record<string, string>>
}

/**
 * A remote with a name is needed, since git keeps the filter, and the promise of what is missing, by remote. It stands
 * in no file and is never the same: agents, whose `origin` may be elsewhere, share the mirror's configuration, and
 * could say there where a name that they know leads to.
 */
export function fetchPlace({ access, filter }: MirrorContext): FetchPlace {
  if (filter === undefined) return { remote: access.location, config: {} }
  const remote = `git-task-${randomBytes(8).toString('hex')}`
  return {
    remote,
    config: {
      [`remote.${remote}.url`]: access.location,
      [`remote.${remote}.promisor`]: 'true',
      [`remote.${remote}.partialclonefilter`]: filter,
    },
  }
}

/** The filter of a mirror, read from its configuration; undefined for one that leaves nothing out. */
export function filterIn(config: string): ObjectFilter | undefined {
  const value = /^[ \t]*partialclonefilter[ \t]*=[ \t]*"?([^"\s]+)"?[ \t]*$/im.exec(config)?.[1]
  return value !== undefined && isFilter(value) ? value : undefined
}

/**
 * What is left out is decided once for an environment, when its mirror is made. A mirror without a filter has
 * everything that any filter leaves in.
 *
 * @throws InputError OPTIONS_INVALID where the mirror has another filter than the one asked for.
 */
export function assertFilterFits(existing: ObjectFilter | undefined, wanted: ObjectFilter | undefined): void {
  if (existing === undefined || wanted === undefined || existing === wanted) return
  throw new InputError('OPTIONS_INVALID', `the environment's mirror was made with the filter "${existing}"`, {
    data: { field: 'filter', existing, requested: wanted },
    hint: 'Leave `filter` out to use the mirror as it is, or use another environment id.',
  })
}

/** The only values that the manager writes. */
function isFilter(value: string): value is ObjectFilter {
  return value === 'blob:none' || value === 'tree:0' || value.startsWith('blob:limit=')
}
