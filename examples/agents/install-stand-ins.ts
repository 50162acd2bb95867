import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { AGENT_PROGRAMS } from './agent-table.js'

const standIn = fileURLToPath(new URL('stand-in.sh', import.meta.url))

/** Puts stand-ins for all five programs into a folder, and answers a PATH that finds them first. */
export async function installStandIns(
  directory: string,
  path: string = process.env['PATH'] ?? '',
): Promise<string> {
  await mkdir(directory, { recursive: true })
  for (const { program } of Object.values(AGENT_PROGRAMS)) {
    await installProgram(directory, program, `exec sh '${standIn}' ${program} "$@"`)
  }
  return `${directory}${delimiter}${path}`
}

/** A program of one line of sh. */
export async function installProgram(directory: string, name: string, line: string): Promise<void> {
  const file = join(directory, name)
  await writeFile(file, `#!/bin/sh\n${line}\n`)
  await chmod(file, 0o755)
}
