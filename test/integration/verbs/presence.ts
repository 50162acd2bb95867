import { lstat, readdir } from 'node:fs/promises'

/** Whether something is at a path, a dangling link included. */
export function isThere(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}

/** The names in a folder, sorted; none where there is no folder. */
export async function namesIn(folder: string): Promise<string[]> {
  return (await isThere(folder)) ? (await readdir(folder)).sort() : []
}
