/** A value as git's configuration syntax wants it (git-config(1), SYNTAX), whatever it contains. */
export function quoteConfigValue(value: string): string {
  const escaped = value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')
  return `"${escaped.replaceAll('\n', '\\n').replaceAll('\t', '\\t')}"`
}
