import { z } from 'zod'
import type { ObjectFormat } from './object-format.js'
import type { ObjectFilter } from './shape.js'

/** When the mirror last heard from its remote; kept inside the mirror, so that it goes with it. */
export interface MirrorState {
  /** When the last successful fetch began, ISO 8601 UTC. */
  readonly fetchedAt: string
  readonly objectFormat: ObjectFormat
  /** What it leaves out until it is asked for; its own configuration says so. */
  readonly filter?: ObjectFilter | undefined
}

const schema = z.looseObject({ fetchedAt: z.iso.datetime(), objectFormat: z.enum(['sha1', 'sha256']) })

/** Undefined for anything unreadable: the state is only a memory, and a fetch makes it anew. */
export function parseMirrorState(value: unknown): MirrorState | undefined {
  const result = schema.safeParse(value)
  return result.success
    ? { fetchedAt: result.data.fetchedAt, objectFormat: result.data.objectFormat }
    : undefined
}
