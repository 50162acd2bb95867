import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { makeDirectories } from '../fs/make-directories.js'
import { temporaryName } from '../fs/temporary-name.js'
import type { ObjectFormat } from '../model/object-format.js'
import type { AgentGitDir } from './agent-git-dir.js'
import type { GitCall } from './git.js'
import { refStorageOf } from './ref-storage.js'

export interface TrustedConfigOptions {
  /**
   * Where the configuration is for as long as it is needed; outside the agent's reach. Absent: the repository is the
   * caller's, and its own configuration counts.
   */
  readonly scratchDir?: string | undefined
  readonly agent: AgentGitDir
  readonly objectFormat: ObjectFormat
  /** Object folders to read from, where it is not the repository's own alone. */
  readonly alternates?: readonly string[]
}

/** What to spread into a git call that changes refs: which repository's they are, and whose configuration counts. */
export type RefPlace = Pick<GitCall, 'gitDir' | 'configDir' | 'alternates' | 'config'>

/** As in every mirror: many tasks write refs at once. */
const PATIENCE = { 'core.packedRefsTimeout': '10000', 'core.filesRefLockTimeout': '10000' }

/**
 * Lends a configuration of our own for changing refs of a repository that an agent controls. Hooks that configuration
 * names (git 2.54 and later) can be switched off by nobody who does not know what the agent calls them, and the switch by
 * event is undone where one of them is called as an event is.
 */
export async function withTrustedConfig<T>(
  options: TrustedConfigOptions,
  action: (place: RefPlace) => Promise<T>,
): Promise<T> {
  const { scratchDir, agent, alternates = [join(agent.commonDir, 'objects')] } = options
  if (scratchDir === undefined) return action({ gitDir: agent.gitDir })
  const configDir = join(scratchDir, temporaryName('config'))
  try {
    for (const name of ['objects', 'refs']) await makeDirectories(join(configDir, name), { mode: 0o700 })
    await writeFile(join(configDir, 'config'), configOf(options, await refStorageOf(agent.commonDir)))
    return await action({ gitDir: agent.gitDir, configDir, alternates, config: PATIENCE })
  } finally {
    await rm(configDir, { recursive: true, force: true })
  }
}

function configOf({ objectFormat }: TrustedConfigOptions, storage: 'files' | 'reftable'): string {
  const extensions = [
    ...(objectFormat === 'sha256' ? ['\tobjectFormat = sha256\n'] : []),
    ...(storage === 'reftable' ? ['\trefStorage = reftable\n'] : []),
  ]
  const version = extensions.length > 0 ? 1 : 0
  const core = `[core]\n\trepositoryFormatVersion = ${version}\n\tbare = false\n`
  return extensions.length > 0 ? `${core}[extensions]\n${extensions.join('')}` : core
}
