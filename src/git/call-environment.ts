import { devNull } from 'node:os'
import { delimiter } from 'node:path'
import type { Login } from './credentials.js'
import type { GitCall } from './git-call.js'
import { type ConfigEntry, HARDENING } from './hardening.js'
import { trustedDirectories } from './trusted-directories.js'
import { type UserSettings, withoutCredentials } from './user-settings.js'

/** The configuration that a call gets; what comes later counts more. */
export function configEntries(call: GitCall, login: Login, settings: UserSettings): ConfigEntry[] {
  const lent = login.secrets.length > 0
  return [
    ...HARDENING,
    // git believes a commit-graph, also one in an agent's objects, without looking at the commits.
    ['core.commitGraph', 'false'],
    // It asks an index over several packs before any other, wherever that is: one of an agent's would say what ours has.
    ...(call.alternates?.length ? [['core.multiPackIndex', 'false'] as const] : []),
    ...trustedDirectories(call),
    ...(lent ? withoutCredentials(settings.entries) : settings.entries),
    ...login.entries,
    ...settings.lineEnds,
    ...Object.entries(call.config ?? {}),
  ]
}

/** Which repository, tree, index and objects a call is about. */
export function placeEnvironment(call: GitCall): Record<string, string> {
  const { configDir, workTree, indexFile, alternates, objectDirectory } = call
  const gitDir = call.gitDir ?? nowhere(call)
  return {
    ...(gitDir !== undefined && { GIT_DIR: gitDir }),
    ...(configDir !== undefined && { GIT_COMMON_DIR: configDir }),
    ...(workTree !== undefined && { GIT_WORK_TREE: workTree }),
    ...(indexFile !== undefined && { GIT_INDEX_FILE: indexFile }),
    ...(objectDirectory !== undefined && { GIT_OBJECT_DIRECTORY: objectDirectory }),
    // Else git says nothing of what it can do in two seconds.
    ...(call.onProgress !== undefined && { GIT_PROGRESS_DELAY: '0' }),
    ...(alternates?.length && {
      GIT_ALTERNATE_OBJECT_DIRECTORIES: alternates.map(quotedPath).join(delimiter),
    }),
  }
}

/**
 * What is about no repository is to find none either: this process may stand in a checkout, whose agent would say by which
 * proxy a remote is asked, and where its cookies are written. `git init` looks for none, and would make its own there.
 */
function nowhere({ cwd, args }: GitCall): string | undefined {
  return cwd === undefined && args[0] !== 'init' ? devNull : undefined
}

/** git takes a path that holds the separator in double quotes (`man git`, GIT_ALTERNATE_OBJECT_DIRECTORIES). */
function quotedPath(path: string): string {
  if (!path.includes(delimiter) && !path.startsWith('"')) return path
  return `"${path.replace(/[\\"]/g, '\\$&')}"`
}
