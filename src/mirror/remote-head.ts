import type { Git } from '../git/git.js'
import type { SourceAccess } from './source-access.js'

/** What a remote says of its HEAD, before anything is fetched. */
export interface RemoteHead {
  /** Absent: detached, or pointing at a branch that does not exist. */
  readonly branch?: string | undefined
  readonly commit?: string | undefined
}

/** Asks the remote for its default branch; the answer may differ from one call to the next. */
export async function askRemoteHead(
  git: Git,
  access: SourceAccess,
  signal?: AbortSignal,
): Promise<RemoteHead> {
  const { stdout } = await git.run({
    args: ['ls-remote', '--symref', '--', access.location, 'HEAD'],
    network: access.network,
    signal,
  })
  return parseRemoteHead(stdout)
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
): Promise<'sha1' | 'sha256' | 'empty'> {
  const known = head.commit ?? (await firstRemoteCommit(git, access, signal))
  if (known === undefined) return 'empty'
  return known.length === 64 ? 'sha256' : 'sha1'
}

async function firstRemoteCommit(
  git: Git,
  access: SourceAccess,
  signal?: AbortSignal,
): Promise<string | undefined> {
  const { stdout } = await git.run({
    args: ['ls-remote', '--heads', '--tags', '--', access.location],
    network: access.network,
    signal,
  })
  return /^[0-9a-f]{40,64}/.exec(stdout)?.[0]
}
