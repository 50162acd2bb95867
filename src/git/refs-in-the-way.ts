/**
 * Whether a ref and one of these cannot both exist, since one is a folder of the other; pure. It may be one of them.
 */
export function standsInTheWayOf(refs: Iterable<string>): (ref: string) => boolean {
  const names = new Set(refs)
  const folders = new Set([...names].flatMap(foldersOf))
  return (ref) => folders.has(ref) || foldersOf(ref).some((folder) => names.has(folder))
}

function foldersOf(ref: string): string[] {
  const parts = ref.split('/').slice(0, -1)
  return parts.map((_, index) => parts.slice(0, index + 1).join('/'))
}
