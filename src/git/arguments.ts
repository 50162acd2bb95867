import { InputError } from '../errors/workspace-error.js'
import type { GitCall } from './git-call.js'
import { hasCredentials, redact } from './redaction.js'
import { refNameProblem } from './ref-name.js'

const MAX_URL_LENGTH = 4_096
const MAX_PATH_LENGTH = 4_096

/**
 * Gives back a URL (https, http, ssh, git, file, `user@host:path`) or a local path that is safe to hand to
 * git; throws SOURCE_INVALID for one that git could take for an option, a command or a helper.
 */
export function guardUrl(url: string): string {
  const reason = textProblem(url, MAX_URL_LENGTH) ?? urlProblem(url)
  if (reason === undefined) return url
  const shown = redact(url.slice(0, 200), [])
  throw new InputError('SOURCE_INVALID', `the source ${reason}`, { data: { source: shown } })
}

/**
 * Gives back a branch, tag, full ref or commit id that can only be that: no revision syntax, no refspec, no
 * option. Throws REF_INVALID.
 */
export function guardRef(ref: string): string {
  const reason = ref.startsWith('-') ? "starts with '-'" : ref === '@' ? "is '@'" : refNameProblem(ref)
  if (reason === undefined && !ref.startsWith('+')) return ref
  throw new InputError('REF_INVALID', `the ref ${reason ?? "starts with '+'"}`, {
    data: { ref: ref.slice(0, 200) },
  })
}

/** Gives back a path that git cannot take for an option. Throws PATH_OUTSIDE_ROOT. */
export function guardPath(path: string): string {
  const reason = textProblem(path, MAX_PATH_LENGTH)
  if (reason === undefined) return path
  throw new InputError('PATH_OUTSIDE_ROOT', `the path ${reason}`, { data: { path: path.slice(0, 200) } })
}

/** Throws SOURCE_INVALID for a URL with a password: arguments are readable for every user of the machine. */
export function refuseSecretsInArguments(args: readonly string[]): void {
  if (!args.some(hasCredentials)) return
  throw new InputError('SOURCE_INVALID', 'a URL with credentials may not be an argument of git', {
    hint: 'Give the credentials apart from the URL.',
  })
}

/**
 * A call's arguments, with the program named that serves a fetch: a repository's configuration may hold another one
 * for a remote whose name is the very URL, and nothing but an option counts more (`transport_get` in git's source).
 * Over http there is no such program, and git would complain of the option.
 */
export function callArguments({ args, network }: Pick<GitCall, 'args' | 'network'>): readonly string[] {
  const [command = '', ...rest] = args
  const isServed = network?.protocols.some((protocol) => !protocol.startsWith('http')) ?? false
  if (!isServed || !['fetch', 'ls-remote'].includes(command)) return args
  return [command, '--upload-pack=git-upload-pack', ...rest]
}

function textProblem(text: string, maxLength: number): string | undefined {
  if (text === '') return 'is empty'
  if (text.startsWith('-')) return "starts with '-'"
  if (text.length > maxLength) return 'is too long'
  if (/\p{Cc}/u.test(text)) return 'holds a control character'
  return !/\p{Cs}/u.test(text) ? undefined : 'is not well-formed Unicode'
}

function urlProblem(url: string): string | undefined {
  if (/^[A-Za-z0-9+.-]+::/.test(url)) return 'names a remote helper'
  const [, scheme, authority = ''] = /^([^/:@]+):\/\/([^/]*)/.exec(url) ?? []
  if (scheme === undefined) return scpProblem(url)
  if (!/^(?:https?|ssh|git|file)$/i.test(scheme))
    return 'has a scheme other than https, http, ssh, git or file'
  if (authority === '' && !/^file$/i.test(scheme)) return 'names no host'
  return dashProblem(authority)
}

/** `user@host:path`; a path without a host has nothing to hide in. */
function scpProblem(url: string): string | undefined {
  const [, address] = /^([^/\\]+):/.exec(url) ?? []
  return address === undefined ? undefined : dashProblem(address)
}

/** ssh would take such a user or host for an option. */
function dashProblem(authority: string): string | undefined {
  return authority.split('@').some((part) => part.startsWith('-'))
    ? "has a user or host that starts with '-'"
    : undefined
}
