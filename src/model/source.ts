import { homedir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { InputError } from '../errors/workspace-error.js'
import { absolutePath } from './absolute-path.js'

/**
 * Where a repository comes from, as the caller writes it.
 *
 * @example
 * const input: SourceInput = { url: 'https://example.org/shop.git' }
 * await manager.prepare({ envId: 'shop', taskId: 'task-7', source: input })
 */
export type SourceInput =
  | string
  | {
      /** https, http, ssh, git or file, or `user@host:path`. */
      readonly url: string
    }
  | {
      /** A local repository; `~` expands. */
      readonly path: string
      /** What `origin` is to name; default: the path. */
      readonly url?: string | undefined
    }

/**
 * A username and a secret for one host.
 *
 * @example
 * const credentials: Credentials = { token: process.env['SHOP_TOKEN'] ?? 'none', host: 'example.org' }
 */
export interface Credentials {
  /** Default: `x-access-token`. */
  readonly username?: string | undefined
  /** The secret: a token or a password. */
  readonly token: string
  /** The only host they are sent to; default: the source's. */
  readonly host?: string | undefined
}

export type UrlProtocol = 'https' | 'http' | 'ssh' | 'git' | 'file'

/** A source after parsing: no secret in `url`, the path absolute. */
export type Source =
  | {
      readonly kind: 'url'
      readonly url: string
      readonly protocol: UrlProtocol
      readonly credentials?: Credentials | undefined
    }
  | {
      readonly kind: 'path'
      readonly path: string
      readonly originUrl?: string | undefined
      /** Of the origin; the path itself needs none. */
      readonly credentials?: Credentials | undefined
    }

const text = z.string().min(1).max(4096)

export const sourceSchema = z.union([
  text,
  z.strictObject({ path: text, url: text.optional() }),
  z.strictObject({ url: text }),
])

const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i
const SCP_LIKE = /^(?:[A-Za-z0-9._~-]+@)?(?:\[[0-9a-fA-F:]+\]|[A-Za-z0-9._-]{2,}):(?!\/\/)[^\s]/
/** `<helper>::<address>`, which git hands to a program of that name (gitremote-helpers(7)). */
const REMOTE_HELPER = /^[A-Za-z0-9+.-]+::/
const PROTOCOLS: readonly string[] = ['https', 'http', 'ssh', 'git', 'file'] satisfies readonly UrlProtocol[]

/**
 * Reads a source: a URL (https, http, ssh, git, file, or `user@host:path`) or a local path.
 * A user name and password in an http(s) URL are taken out of it and returned as credentials.
 *
 * @throws InputError SOURCE_INVALID
 */
export function parseSource(input: SourceInput): Source {
  if (typeof input === 'string')
    return isUrl(input) ? parseUrl(input) : { kind: 'path', path: parsePath(input) }
  if (!('path' in input)) return parseUrl(input.url)
  const path = parsePath(input.path)
  if (input.url === undefined) return { kind: 'path', path }
  const origin = parseUrl(input.url)
  return { kind: 'path', path, originUrl: origin.url, credentials: origin.credentials }
}

/** The source as it is written into records: no secrets, comparable. */
export function sourceIdentity(source: Source): string {
  return source.kind === 'url' ? source.url : source.path
}

/** `https:/host` and `http:\\host` are no hosts of that name, and whatever stands behind would be told to ssh. */
const BROKEN_SCHEME = /^(?:https?|ssh|git|file|ftps?|git\+ssh|ssh\+git):(?!\/\/)/i

/**
 * `user:password@host…` without a scheme: as a path it would be repeated in errors, and for ssh `user` would be the
 * host.
 */
const PASSWORD = /^[^/\\:@]+:(?:[^@/]*@[^/@:]+\/|(?!\/).*@[^/@:]+:)/

function isUrl(value: string): boolean {
  const kinds = [SCHEME, BROKEN_SCHEME, REMOTE_HELPER, SCP_LIKE, PASSWORD]
  return kinds.some((kind) => kind.test(value))
}

function parseUrl(value: string): Extract<Source, { kind: 'url' }> {
  refuseUnsafe(value)
  if (REMOTE_HELPER.test(value)) throw invalid('a remote helper ("<name>::") is not allowed')
  const scheme = SCHEME.exec(value)?.[1]?.toLowerCase()
  if (scheme === undefined) {
    if (PASSWORD.test(value)) throw invalid('it is no URL, and may hold a password; write "./" before a path')
    if (!SCP_LIKE.test(value) || BROKEN_SCHEME.test(value)) throw invalid('it is no URL')
    return { kind: 'url', url: value, protocol: 'ssh' }
  }
  if (!isProtocol(scheme)) throw invalid(`the protocol "${scheme}" is not allowed`)
  return parseSchemeUrl(value, scheme)
}

function parseSchemeUrl(value: string, protocol: UrlProtocol): Extract<Source, { kind: 'url' }> {
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (url === undefined) throw invalid('it is no URL')
  if (protocol !== 'file' && (url.hostname === '' || /^[^:]+:\/\/\//.test(value)))
    throw invalid('the host is missing')
  if (protocol === 'file') refuseOddPath(value)
  // For `URL` a backslash ends the host, for git it does not: they would disagree about where it leads.
  if (value.includes('\\')) throw invalid('it contains a backslash')
  if (url.search !== '' || url.hash !== '')
    throw invalid('a query may carry a secret; give credentials apart from the URL')
  if (url.hostname.startsWith('-') || url.username.startsWith('-'))
    throw invalid('a part of it starts with "-"')
  // Also an empty one: ':@' before the host means nothing, and only confuses who reads the URL.
  const userinfo = /^[^:]+:\/\/([^/]*)@/.exec(value)?.[1]
  const isAddress = protocol === 'ssh' && !userinfo?.includes(':')
  if (userinfo === undefined || isAddress) return { kind: 'url', url: value, protocol }
  const credentials = urlCredentials(url, protocol)
  url.password = ''
  if (protocol !== 'ssh') url.username = ''
  return { kind: 'url', url: url.href, protocol, credentials }
}

/** git decodes the path of a file, which must be one that it and this process take for the same. */
function refuseOddPath(value: string): void {
  let path: string
  try {
    path = decodeURIComponent(value)
  } catch (error) {
    if (error instanceof URIError) throw invalid('its path is not percent-encoded correctly')
    throw error
  }
  refuseControlCharacters(path)
}

function urlCredentials(url: URL, protocol: UrlProtocol): Credentials | undefined {
  const username = decode(url.username)
  const password = decode(url.password)
  if (password === '' && (username === '' || protocol === 'ssh')) return undefined
  // `https://<token>@host` is how many services write a lone token.
  if (password === '') return { token: username, host: url.host }
  return { username, token: password, host: url.host }
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch (error) {
    if (error instanceof URIError) throw invalid('its credentials are not percent-encoded correctly')
    throw error
  }
}

function parsePath(value: string): string {
  refuseUnsafe(value)
  if (value === '~' || value.startsWith('~/')) return join(homedir(), value.slice(1))
  const path = absolutePath(value)
  if (path === undefined) throw invalid('it is relative, and the current folder is gone')
  return path
}

function refuseUnsafe(value: string): void {
  if (value.startsWith('-')) throw invalid('it starts with "-"')
  refuseControlCharacters(value)
}

function refuseControlCharacters(value: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\u0000-\u001f\u007f]/.test(value)) throw invalid('it contains a control character')
}

function isProtocol(scheme: string): scheme is UrlProtocol {
  return PROTOCOLS.includes(scheme)
}

function invalid(problem: string): InputError {
  // The value is not repeated: a URL may carry a token.
  return new InputError('SOURCE_INVALID', `source cannot be used: ${problem}`, {
    data: { field: 'source', problem },
  })
}
