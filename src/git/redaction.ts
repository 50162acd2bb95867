const MASK = '***'

const SCHEME = /[a-z][a-z0-9+.-]{0,63}$/i
/** As many characters as a scheme may have. */
const SCHEME_LENGTH = 64
/** Where a URL ends in a text. */
const END = /[\s'"<>]/g
/** A colon before it is no end of a user name. */
const PORT = /\d{1,5}(?:\/|$)/y
const PORT_IN_TEXT = /\d{1,5}(?:[/\s'"]|$)/y

/**
 * Masks the user part of every URL and every given secret, also where it was percent-encoded or put into
 * base64 (as in an HTTP `Authorization` header), or into JSON (as in a server's answer).
 */
export function redact(text: string, secrets: readonly string[]): string {
  return secretForms(secrets).reduce((result, form) => result.replaceAll(form, MASK), withoutUsers(text))
}

/** A remote chooses the text, so that each character is looked at a few times at most, and no pattern tries again. */
function withoutUsers(text: string): string {
  const parts: string[] = []
  let [copied, end, lastAt] = [0, 0, 0]
  for (let mark = text.indexOf('://'); mark >= 0; mark = text.indexOf('://', Math.max(mark + 3, copied))) {
    const start = mark + 3
    if (start >= end) {
      end = endOfUrl(text, start)
      lastAt = text.lastIndexOf('@', end - 1)
    }
    const at = SCHEME.test(text.slice(Math.max(copied, mark - SCHEME_LENGTH), mark))
      ? endOfUser(text, { start, end, lastAt, port: PORT_IN_TEXT })
      : undefined
    if (at === undefined) continue
    parts.push(text.slice(copied, start), MASK)
    copied = at
  }
  return parts.join('') + text.slice(copied)
}

function endOfUrl(text: string, start: number): number {
  END.lastIndex = start
  return END.exec(text)?.index ?? text.length
}

interface Address {
  /** After `://`. */
  readonly start: number
  readonly end: number
  /** The last one before the end, or before the start where there is none. */
  readonly lastAt: number
  readonly port: RegExp
}

/**
 * Where the '@' stands that ends a user: the last one, past a '/' where no port is meant, since a password may hold
 * anything when nobody encoded it; else the last one before a '/'.
 */
function endOfUser(text: string, { start, end, lastAt, port }: Address): number | undefined {
  if (lastAt < start) return undefined
  const slash = text.indexOf('/', start)
  const host = text.slice(start, slash < 0 || slash > end ? end : slash)
  const name = host.slice(0, host.includes('@') ? host.indexOf('@') : host.length)
  for (let colon = name.indexOf(':'); colon >= 0; colon = name.indexOf(':', colon + 1)) {
    port.lastIndex = start + colon + 1
    if (!port.test(text)) return lastAt
  }
  const at = host.lastIndexOf('@')
  return at < 0 ? undefined : start + at
}

/** Whether a URL carries what must not be seen: a password, or any user over http(s). */
export function hasCredentials(url: string): boolean {
  const { url: bare, password } = stripCredentials(url)
  return bare !== url || password !== undefined
}

/**
 * Takes user name and password out of a URL.
 *
 * Over ssh and git the user name is part of the address and stays in it; only a password goes.
 * Anything that is not a URL comes back as it was.
 */
export function stripCredentials(url: string): { url: string; username?: string; password?: string } {
  const scheme = /^[a-z][a-z0-9+.-]*:\/\//i.exec(url)?.[0]
  if (scheme === undefined) return { url }
  const at = endOfUser(url, {
    start: scheme.length,
    end: url.length,
    lastAt: url.lastIndexOf('@'),
    port: PORT,
  })
  if (at === undefined) return { url }
  const [userinfo, rest] = [url.slice(scheme.length, at), url.slice(at + 1)]
  const colon = userinfo.indexOf(':')
  const name = colon < 0 ? userinfo : userinfo.slice(0, colon)
  const keepsUser = !/^https?:/i.test(scheme) && name !== ''
  return {
    url: keepsUser ? `${scheme}${name}@${rest}` : `${scheme}${rest}`,
    ...(name === '' ? {} : { username: decoded(name) }),
    ...(colon < 0 ? {} : { password: decoded(userinfo.slice(colon + 1)) }),
  }
}

function secretForms(secrets: readonly string[]): string[] {
  const forms = secrets.filter((secret) => secret !== '').flatMap(formsOf)
  // The longest first, so that a secret inside another one does not leave the rest of it readable.
  return [...new Set(forms)].sort((a, b) => b.length - a.length)
}

function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret, 'utf8')
  const encoded = encodeURIComponent(secret.replace(/\p{Cs}/gu, '\uFFFD'))
  const base64 = bytes.toString('base64')
  const json = JSON.stringify(secret).slice(1, -1)
  return [
    secret,
    encoded,
    encoded.toLowerCase(),
    base64,
    base64.replace(/=+$/, ''),
    bytes.toString('base64url'),
    json,
    json.replaceAll('/', '\\/'),
  ]
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    // A stray '%' means that nobody encoded it.
    if (error instanceof URIError) return text
    throw error
  }
}
