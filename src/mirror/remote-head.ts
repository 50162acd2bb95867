import type { Git } from '../git/git.js'
import { LineSplitter } from '../git/output-capture.js'
import { type ObjectFormat, objectFormatOf } from '../model/object-format.js'
import { MAX_REFS, PATIENCE } from './fetch-watch.js'
import { limitExceeded } from './limit-exceeded.js'
import type { SourceAccess } from './source-access.js'

/** What a remote says of its HEAD, before anything is fetched. */
export interface RemoteHead {
  /** Absent: detached, or pointing at a branch that does not exist. */
  readonly branch?: string | undefined
  readonly commit?: string | undefined
}

/** A symbolic ref and a commit; what says more of HEAD than that is not listened to. */
const HEAD_LINES = 2

/**
 * Asks the remote for its default branch; the answer may differ from one call to the next. The remote lists all its
 * refs in any case, so that they are counted as well: each that is fetched becomes a file.
 *
 * @throws GitError LIMIT_EXCEEDED where they are too many.
 */
export async function askRemoteHead(
  git: Git,
  access: SourceAccess,
  signal?: AbortSignal,
): Promise<RemoteHead> {
  const head: string[] = []
  let refs = 0
  const lines = new LineSplitter((line) => {
    if (line.endsWith('\tHEAD') && head.length < HEAD_LINES) head.push(line)
    // Of a tag that is an object of its own there are two lines.
    if (!/\trefs\/(?:heads|tags)\//.test(line) || line.endsWith('^{}')) return
    refs += 1
    if (refs > MAX_REFS)
      throw limitExceeded({ limit: 'refs', max: MAX_REFS, found: refs, what: 'the source' })
  })
  await git.run({
    args: ['ls-remote', '--symref', '--', access.location],
    network: access.network,
    onOutput: (chunk) => lines.add(chunk),
    // The idle time alone would let a remote talk on for ever.
    totalTimeoutMs: PATIENCE * git.gitTimeoutMs,
    signal,
  })
  lines.end()
  return parseRemoteHead(head.join('\n'))
}

/** Reads `ref: refs/heads/main\tHEAD` and `<oid>\tHEAD`. */
export function parseRemoteHead(output: string): RemoteHead {
  const branch = /^ref: refs\/heads\/(.+)\tHEAD$/m.exec(output)?.[1]
  const commit = /^([0-9a-f]{40,64})\tHEAD$/m.exec(output)?.[1]
  return { branch: commit === undefined ? undefined : branch, commit }
}

/** The format of the remote's object names, told by their length. */
export async function askObjectFormat(
  git: Git,
  access: SourceAccess,
  head: RemoteHead,
  signal?: AbortSignal,
): Promise<ObjectFormat | 'empty'> {
  const known = head.commit ?? (await firstRemoteCommit(git, access, signal))
  if (known === undefined) return 'empty'
  return objectFormatOf(known)
}

async function firstRemoteCommit(
  git: Git,
  access: SourceAccess,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const { stdout } = await git.run({
    args: ['ls-remote', '--heads', '--tags', '--', access.location],
    network: access.network,
    totalTimeoutMs: PATIENCE * git.gitTimeoutMs,
    signal,
  })
  return /^[0-9a-f]{40,64}/.exec(stdout)?.[0]
}
