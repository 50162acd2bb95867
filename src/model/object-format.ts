/**
 * The hash that names a repository's objects.
 *
 * @see {@link Manager.archives}
 */
export type ObjectFormat = 'sha1' | 'sha256'

/** What the length of any full object id tells; git's default where there is none. */
export function objectFormatOf(oid: string | undefined): ObjectFormat {
  return oid?.length === 64 ? 'sha256' : 'sha1'
}
