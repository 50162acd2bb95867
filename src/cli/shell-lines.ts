/**
 * Lines that give any POSIX shell these variables, byte for byte and whatever is in them, by `eval "$(…)"`. One that is
 * undefined is taken away.
 *
 * @example
 * shellLines({ NAME: "it's", GONE: undefined }) // "export NAME='it'\\''s'\nunset GONE\n"
 */
export function shellLines(variables: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(variables)
    .map(([name, value]) => (value === undefined ? `unset ${name}\n` : `export ${name}=${quoted(value)}\n`))
    .join('')
}

/** Between single quotes everything stands for itself, but for the quote. */
function quoted(value: string): string {
  return `'${value.replaceAll("'", "'\\''")}'`
}
