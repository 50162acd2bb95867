import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundleProgram } from './bundle-program.js'

const bundled = new Map<string, Promise<string>>()

/** The path of a program of this folder as plain node runs it; made once in each process that runs tests. */
export function childProgram(name: 'crash-child' | 'lock-child'): Promise<string> {
  const known = bundled.get(name) ?? bundle(name)
  bundled.set(name, known)
  return known
}

async function bundle(name: string): Promise<string> {
  // It goes with the folder of the run.
  const directory = await mkdtemp(join(tmpdir(), 'gti-child-'))
  return bundleProgram(join(import.meta.dirname, `${name}.ts`), directory)
}
