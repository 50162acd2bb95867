import { visible } from './terminal/visible-text.js'

/** A path as one word of a command that a person may copy into a POSIX shell. */
export function shellWord(text: string): string {
  if (/^[\w@%+=:,./-]+$/.test(text)) return text
  const quoted = text.replaceAll("'", "'\\''")
  // What cannot be shown cannot be copied either; a shell that knows it reads the escapes ($'…', POSIX.1-2024).
  return visible(text) === text
    ? `'${quoted}'`
    : `$'${visible(text.replaceAll('\\', '\\\\')).replaceAll("'", "\\'")}'`
}
