import { guardUrl } from '../git/arguments.js'
import type { NetworkAccess } from '../git/git.js'
import type { Credentials, Source } from '../model/source.js'

/** How the manager reaches a source: what git is told to fetch from, and by which protocols it may. */
export interface SourceAccess {
  /** What is fetched from: a URL without secrets, or an absolute path. */
  readonly location: string
  /** What `origin` names in workspaces. */
  readonly originUrl: string
  readonly network: NetworkAccess
}

/** The file protocol is allowed only where the caller's own source is local. */
export function sourceAccess(source: Source, credentials: Credentials | undefined): SourceAccess {
  if (source.kind === 'path') {
    const location = source.path
    return {
      location,
      originUrl: source.originUrl ?? location,
      network: { protocols: ['file'], url: location },
    }
  }
  guardUrl(source.url)
  const network = { protocols: [source.protocol], url: source.url, credentials }
  return { location: source.url, originUrl: source.url, network }
}
