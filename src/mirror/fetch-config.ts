import { symlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { GitCall } from '../git/git.js'
import { withTrustedConfig } from '../git/trusted-config.js'
import { objectFormatIn } from '../model/object-format.js'
import type { MirrorContext } from './mirror-context.js'
import { ownText } from './own-file.js'

/** What to spread into a git call that writes to a mirror, so that it obeys nothing that stands there. */
export type MirrorPlace = Pick<GitCall, 'gitDir' | 'configDir' | 'objectDirectory' | 'config'>

/** As `mirrorSections` says it of every mirror. */
const AS_IN_MIRRORS = { 'core.logAllRefUpdates': 'true', 'fetch.unpackLimit': '1' } as const

/**
 * Lends a fetch a configuration of the manager's own. Agents with a worktree write to the mirror's at any time, also
 * right after it was compared: a proxy that they name would be sent the token, and a hook would run.
 */
export async function withFetchConfig<T>(
  { mirrorDir, stage }: MirrorContext,
  action: (place: MirrorPlace) => Promise<T>,
): Promise<T> {
  // Nobody else knows its name yet.
  if (stage === 'building') return action({ gitDir: mirrorDir })
  const agent = { gitDir: mirrorDir, commonDir: mirrorDir }
  const objectFormat = objectFormatIn((await ownText(join(mirrorDir, 'config'))) ?? '')
  const options = { scratchDir: dirname(mirrorDir), agent, objectFormat, alternates: [] }
  return withTrustedConfig(options, async (place) => {
    const { configDir, config } = place
    // git looks for the list of cuts beside the configuration, and writes and locks what a link there leads to.
    if (configDir !== undefined) await symlink(join(mirrorDir, 'shallow'), join(configDir, 'shallow'))
    const objectDirectory = join(mirrorDir, 'objects')
    return action({ ...place, objectDirectory, config: { ...config, ...AS_IN_MIRRORS } })
  })
}
