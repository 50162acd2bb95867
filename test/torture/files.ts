const FILES = 30

/** What the upstream of every scenario holds: enough files that a checkout can be caught in the middle. */
export function upstreamFiles(): Record<string, string> {
  const names = Array.from({ length: FILES }, (_, n) => `folder-${n % 5}/file-${n}.txt`)
  return Object.fromEntries(names.map((name) => [name, `${name}\n`.repeat(20)]))
}
