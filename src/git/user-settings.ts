import { devNull } from 'node:os'
import { inheritedEnvironment } from './environment.js'
import type { ConfigEntry } from './hardening.js'

/** What the orchestrator's user has configured that counts for the manager too. */
export interface UserSettings {
  /** For talking to remotes. */
  readonly entries: readonly ConfigEntry[]
  /** For writing and comparing files, so that they have the line ends that the user's own git would give them. */
  readonly lineEnds: readonly ConfigEntry[]
  readonly sshCommand: string | undefined
}

/** How to list the user's configuration with git; its output goes to `parseUserSettings`. */
export const USER_SETTINGS_ARGS = ['config', '--list', '--includes', '--show-scope', '-z'] as const

/**
 * The environment in which git finds the user's own configuration and nobody else's: an orchestrator's
 * GIT_CONFIG_GLOBAL counts, and GIT_DIR leads nowhere so that no repository has a say.
 */
export function userSettingsEnvironment(orchestrator: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const places = ['GIT_CONFIG_GLOBAL', 'GIT_CONFIG_SYSTEM', 'GIT_CONFIG_NOSYSTEM']
  const named = places.flatMap((name) => (orchestrator[name] ? [[name, orchestrator[name]]] : []))
  return {
    ...inheritedEnvironment(orchestrator),
    ...Object.fromEntries(named),
    LC_ALL: 'C',
    GIT_DIR: devNull,
  }
}

// `url.*.insteadOf` is among them because for some users it is the only way to a host; where it leads is
// still limited to the protocols that the call allows, and credentials stay with the original host.
const WANTED = /^(?:credential\..+|http\..+|url\..+\.insteadof|ssh\.variant)$/is

const LINE_ENDS = ['core.autocrlf', 'core.eol']

/** Picks the settings that count, by name, from `git config --list --show-scope -z`. */
export function parseUserSettings(listing: string): UserSettings {
  const fields = listing.split('\0')
  const entries: ConfigEntry[] = []
  const lineEnds: ConfigEntry[] = []
  let sshCommand: string | undefined
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const [key, value] = splitEntry(fields[index + 1] ?? '')
    if (!['global', 'system'].includes(fields[index] ?? '')) continue
    if (key === 'core.sshcommand') sshCommand = value
    if (WANTED.test(key)) entries.push([key, value])
    if (LINE_ENDS.includes(key)) lineEnds.push([key, value])
  }
  return { entries, lineEnds, sshCommand }
}

/** Without the user's credential helpers, which would store a token that was only lent for one call. */
export function withoutCredentials(entries: readonly ConfigEntry[]): ConfigEntry[] {
  return entries.filter(([key]) => !key.startsWith('credential.'))
}

function splitEntry(text: string): ConfigEntry {
  const end = text.indexOf('\n')
  // A key without '=' means true.
  return end < 0 ? [text, 'true'] : [text.slice(0, end), text.slice(end + 1)]
}
