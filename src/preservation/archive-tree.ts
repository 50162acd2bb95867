import { bytesOfName } from '../git/listed-names.js'
import type { PackWriter } from './archive-pack-writer.js'

/** One entry of a tree; its name has one character for each byte. */
export interface TreeEntry {
  readonly mode: '100644' | '100755' | '120000' | '40000'
  readonly name: string
  readonly oid: string
}

/** Writes a tree; undefined for an empty one, which git never has below another. */
export async function writeTree(
  writer: PackWriter,
  entries: readonly TreeEntry[],
): Promise<string | undefined> {
  if (entries.length === 0) return undefined
  // git compares folders as if their names ended in a slash.
  const sorted = [...entries].sort((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))
  const lines = sorted.flatMap(({ mode, name, oid }) => [
    bytesOfName(`${mode} ${name}\0`),
    Buffer.from(oid, 'hex'),
  ])
  return writer.add(writer.pack('tree', Buffer.concat(lines)))
}

const keyOf = ({ mode, name }: TreeEntry) => (mode === '40000' ? `${name}/` : name)

const PER_FOLDER = 1000

/** Writes numbered objects into folders of a thousand each; answers with the tree and each one's path in it. */
export async function writeNumbered(
  writer: PackWriter,
  files: readonly Omit<TreeEntry, 'name'>[],
): Promise<{ readonly tree: string | undefined; readonly paths: readonly string[] }> {
  const folders: TreeEntry[] = []
  const paths: string[] = []
  for (let start = 0; start < files.length; start += PER_FOLDER) {
    const name = String(start / PER_FOLDER)
    const entries = files
      .slice(start, start + PER_FOLDER)
      .map((file, index) => ({ ...file, name: String(index) }))
    paths.push(...entries.map((entry) => `${name}/${entry.name}`))
    const oid = await writeTree(writer, entries)
    if (oid !== undefined) folders.push({ mode: '40000', name, oid })
  }
  return { tree: await writeTree(writer, folders), paths }
}
