import { InputError } from '../errors/workspace-error.js'
import type { NetworkAccess } from './git-call.js'
import type { ConfigEntry } from './hardening.js'

const DEFAULT_USERNAME = 'x-access-token'
const USERNAME_VARIABLE = 'GIT_TASK_CREDENTIAL_USERNAME'
const TOKEN_VARIABLE = 'GIT_TASK_CREDENTIAL_TOKEN'

// `printf` is built into the shell, so the values are in no process's arguments.
const HELPER = `!f() { test "$1" = get && printf 'username=%s\\npassword=%s\\n' "$${USERNAME_VARIABLE}" "$${TOKEN_VARIABLE}"; }; f`

/** What git needs to log in: configuration and variables for one call, and the values that must be masked. */
export interface Login {
  readonly entries: readonly ConfigEntry[]
  readonly variables: Readonly<Record<string, string>>
  readonly secrets: readonly string[]
}

const NO_LOGIN: Login = { entries: [], variables: {}, secrets: [] }

/**
 * A credential helper for exactly one scheme and host: after a redirect elsewhere git asks no helper
 * (gitcredentials, "Credential contexts"). Nothing is written to a file or put into argv.
 *
 * Throws OPTIONS_INVALID for values that would break out of the credential protocol.
 */
export function loginFor(network: NetworkAccess | undefined): Login {
  const scheme = /^(https?):\/\//i.exec(network?.url ?? '')?.[1]?.toLowerCase()
  if (!network?.credentials || scheme === undefined) return secretsOnly(network)
  const { username = DEFAULT_USERNAME, token, host } = network.credentials
  const context = `credential.${scheme}://${checkedHost(host ?? new URL(network.url).host)}`
  checkLine(username)
  checkLine(token)
  if (token === '') return { ...NO_LOGIN, entries: [[`${context}.username`, username]] }
  return {
    entries: [[`${context}.helper`, HELPER]],
    variables: { [USERNAME_VARIABLE]: username, [TOKEN_VARIABLE]: token },
    secrets: [token, `${username}:${token}`],
  }
}

function secretsOnly(network: NetworkAccess | undefined): Login {
  const token = network?.credentials?.token
  return token ? { ...NO_LOGIN, secrets: [token] } : NO_LOGIN
}

/** A '*' would make the context a pattern that fits other hosts too. */
function checkedHost(host: string): string {
  if (/^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/.test(host)) return host.toLowerCase()
  throw new InputError('OPTIONS_INVALID', 'the host of the credentials is not a host name', {
    data: { host },
  })
}

function checkLine(value: string): void {
  if (/\p{Cc}/u.test(value)) {
    throw new InputError('OPTIONS_INVALID', 'the credentials hold a control character')
  }
}
