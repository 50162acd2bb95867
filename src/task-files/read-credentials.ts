import { readTextIfPresent } from '../fs/read-json.js'
import type { TaskLayout } from '../model/layout.js'
import type { Credentials } from '../model/source.js'

/** One line of git-credential-store(1), which percent-encodes the colon before a port. */
const LINE = /^https?:\/\/([^:@/]*):([^@/]*)@([^/\s]+)/

/** The task's credentials again, for the manager's own fetches; undefined where none were given. */
export async function readCredentials(layout: TaskLayout): Promise<Credentials | undefined> {
  const [, username, token, host] = LINE.exec((await readTextIfPresent(layout.credentialsFile)) ?? '') ?? []
  if (username === undefined || !token || host === undefined) return undefined
  return { username: decode(username), token: decode(token), host: decode(host) }
}

/** The file is in the agent's reach: what is no percent-encoding is taken as it is. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (error instanceof URIError) return text
    throw error
  }
}
