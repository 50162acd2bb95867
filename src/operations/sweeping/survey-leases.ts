import { basename, join } from 'node:path'
import { namesIn } from '../../fs/presence.js'
import { makerOfTemporary } from '../../fs/temporary-name.js'
import { ownersDir } from '../../model/layout.js'
import type { LeftoverFinding } from '../../retention/findings.js'
import { readLease } from '../../sessions/owner-lease.js'
import type { Services } from '../services.js'

/** The leases of processes that ended without having given theirs up. */
export async function surveyLeases(
  services: Services,
  signal: AbortSignal | undefined,
): Promise<LeftoverFinding[]> {
  const folder = ownersDir(services.settings.root)
  const names = await namesIn(folder)
  const found = await Promise.all(
    names.map(async (name): Promise<LeftoverFinding | undefined> => {
      const maker = await stateOf(services, folder, name, signal)
      if (maker === 'alive') return undefined
      return { kind: 'leftover', path: join(folder, name), what: 'lease', maker }
    }),
  )
  return found.filter((finding) => finding !== undefined)
}

async function stateOf(
  services: Services,
  folder: string,
  name: string,
  signal: AbortSignal | undefined,
): Promise<'alive' | 'dead' | 'unknown'> {
  const maker = makerOfTemporary(name)
  if (maker !== undefined) return maker
  const owner = await readLease(join(folder, name))
  if (owner === undefined || `${owner.id}.json` !== basename(name)) return 'unknown'
  return (await services.lease.stateOf(owner, signal)) === 'dead' ? 'dead' : 'alive'
}
