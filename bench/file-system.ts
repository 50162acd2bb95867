import { statfs } from 'node:fs/promises'

export const EXT4 = 'ext4'

/** By the magic numbers of statfs(2). */
const NAMES: ReadonlyMap<number, string> = new Map([
  [0xef53, EXT4],
  [0x01021994, 'tmpfs'],
  [0x58465342, 'xfs'],
  [0x9123683e, 'btrfs'],
  [0x2fc12fc1, 'zfs'],
  [0x794c7630, 'overlayfs'],
  [0x1a, 'apfs'],
])

export async function fileSystemOf(path: string): Promise<string> {
  const { type } = await statfs(path)
  return NAMES.get(type) ?? `file system 0x${type.toString(16)}`
}
