import { devNull } from 'node:os'

const ALLOWED = [
  'PATH',
  'HOME',
  'USER',
  'LOGNAME',
  'TMPDIR',
  'TEMP',
  'TMP',
  'XDG_CONFIG_HOME',
  'SSH_AUTH_SOCK',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'GIT_SSL_CAINFO',
  'http_proxy',
  'https_proxy',
  'all_proxy',
  'no_proxy',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'ALL_PROXY',
  'NO_PROXY',
  'SYSTEMROOT',
  'USERPROFILE',
  'APPDATA',
  'LOCALAPPDATA',
  'COMSPEC',
  'PATHEXT',
  'PROGRAMDATA',
] as const

// Windows spells the same name in several ways ('Path'); elsewhere the spelling is the name.
const sameName = (name: string) => (process.platform === 'win32' ? name.toUpperCase() : name)
const allowed: ReadonlySet<string> = new Set(ALLOWED.map(sameName))

/** What a child process may inherit: programs, home, proxies, CA files and the ssh agent; no `GIT_*`, no `LD_*`. */
export function inheritedEnvironment(orchestrator: NodeJS.ProcessEnv): Record<string, string> {
  const result: Record<string, string> = {}
  for (const [name, value] of Object.entries(orchestrator)) {
    if (value !== undefined && allowed.has(sameName(name))) result[name] = value
  }
  return result
}

/**
 * The environment of every git process before anything particular to a call: English messages, no user or
 * system configuration, no prompts, no editor or pager, no optional locks, no replace refs, no lazy fetches,
 * and no transport until the call names one (`man git`, section "Environment Variables").
 */
export function baseEnvironment(orchestrator: NodeJS.ProcessEnv): Record<string, string> {
  return {
    ...inheritedEnvironment(orchestrator),
    ...sshEnvironment(orchestrator, undefined),
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: devNull,
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    // Set but empty, it also overrides core.askPass and SSH_ASKPASS.
    GIT_ASKPASS: '',
    SSH_ASKPASS: '',
    SSH_ASKPASS_REQUIRE: 'never',
    // Keeps Git Credential Manager from opening a window.
    GCM_INTERACTIVE: 'never',
    // Set but empty, it overrides core.gitProxy, which is a command.
    GIT_PROXY_COMMAND: '',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    // A file `info/grafts` gives commits other parents, as replace refs do (gitrepository-layout(5)).
    GIT_GRAFT_FILE: devNull,
    GIT_NO_LAZY_FETCH: '1',
    GIT_EDITOR: ':',
    GIT_SEQUENCE_EDITOR: ':',
    GIT_PAGER: 'cat',
    GIT_ALLOW_PROTOCOL: 'none',
  }
}

const SSH_OPTIONS = '-o BatchMode=yes -o ConnectTimeout=30'

/**
 * The ssh command: the orchestrator's own (GIT_SSH_COMMAND, then `core.sshCommand`, then GIT_SSH), else
 * plain ssh. Plain ssh gets options that keep it from asking or waiting; another program is left as it is.
 */
export function sshEnvironment(
  orchestrator: NodeJS.ProcessEnv,
  configured: string | undefined,
): Record<string, string> {
  const variant = pick(orchestrator, 'GIT_SSH_VARIANT')
  const own = orchestrator['GIT_SSH_COMMAND'] || configured
  if (!own && orchestrator['GIT_SSH']) return { ...variant, ...pick(orchestrator, 'GIT_SSH') }
  const command = own || 'ssh'
  return { ...variant, GIT_SSH_COMMAND: isPlainSsh(command) ? `${command} ${SSH_OPTIONS}` : command }
}

function isPlainSsh(command: string): boolean {
  const [program = ''] = command.trim().split(/\s+/)
  return /(^|[\\/])ssh(\.exe)?$/i.test(program.replace(/^['"]|['"]$/g, '')) && !/[;&|]/.test(command)
}

function pick(from: NodeJS.ProcessEnv, name: string): Record<string, string> {
  const value = from[name]
  return value ? { [name]: value } : {}
}
