import { existsSync, realpathSync } from 'node:fs'
import { delimiter, join } from 'node:path'

type Shell = readonly [name: string, program: string, ...args: string[]]

const POSIX_SHELLS: readonly Shell[] = [
  ['sh', 'sh'],
  ['dash', 'dash'],
  ['bash --posix', 'bash', '--posix'],
  ['busybox sh', 'busybox', 'sh'],
]

/** The shells on this machine that scripts for any sh have to work with, each once; `sh` is always one of them. */
export function shells(): Shell[] {
  const seen = new Set<string>()
  return POSIX_SHELLS.filter(([, program, ...args]) => {
    const file = find(program)
    const shell = `${file} ${args.join(' ')}`
    if (file === undefined || seen.has(shell)) return false
    seen.add(shell)
    return true
  })
}

function find(program: string): string | undefined {
  const files = (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, program))
  const found = files.find((file) => existsSync(file))
  return found && realpathSync(found)
}
