import { existsSync } from 'node:fs'
import { access } from 'node:fs/promises'
import { resolve } from 'node:path'

/** Whether something is at a path. */
export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

/** A `--source` as given on the command line: a path is taken from the current folder, a URL as it is. */
export function locateSource(argument: string): string {
  return existsSync(resolve(argument)) ? resolve(argument) : argument
}
