/**
 * The hash that names a repository's objects.
 *
 * @see {@link Manager.archives}
 */
export type ObjectFormat = 'sha1' | 'sha256'

/** What a repository's configuration names; git's default where it names none. */
export function objectFormatIn(config: string): ObjectFormat {
  return /^[ \t]*objectformat[ \t]*=[ \t]*sha256[ \t]*$/im.test(config) ? 'sha256' : 'sha1'
}

/** What the length of any full object id tells; git's default where there is none. */
export function objectFormatOf(oid: string | undefined): ObjectFormat {
  return oid?.length === 64 ? 'sha256' : 'sha1'
}
