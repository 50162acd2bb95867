const MASK = '***'

// Greedy up to the last '@', and past a '/' when no port is meant: a password may hold anything when nobody encoded it.
const USERINFO = /([a-z][a-z0-9+.-]*:\/\/)(?:[^\s/@'"<>]*:(?!\d{1,5}(?:[/\s'"]|$))[^\s'"<>]*|[^\s/'"<>]*)@/gi

const ADDRESS = /^([a-z][a-z0-9+.-]*:\/\/)([^/@]*:(?!\d{1,5}(?:\/|$)).*|[^/]*)@(.*)$/is

/**
 * Masks the user part of every URL and every given secret, also where it was percent-encoded or put into
 * base64 (as in an HTTP `Authorization` header), or into JSON (as in a server's answer).
 */
export function redact(text: string, secrets: readonly string[]): string {
  const withoutUsers = text.replace(USERINFO, `$1${MASK}@`)
  return secretForms(secrets).reduce((result, form) => result.replaceAll(form, MASK), withoutUsers)
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
  const [, scheme, userinfo, rest] = ADDRESS.exec(url) ?? []
  if (scheme === undefined || userinfo === undefined || rest === undefined) return { url }
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
