import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll } from 'vitest'
import { bundleProgram } from './bundle-program.js'

const bundled = new Map<string, Promise<string>>()
const directories: string[] = []

afterAll(async () => {
  bundled.clear()
  for (const directory of directories.splice(0)) await rm(directory, { recursive: true, force: true })
})

/** The path of a program of this folder as plain node runs it; made once for each test file. */
export function childProgram(name: 'crash-child' | 'lock-child'): Promise<string> {
  const known = bundled.get(name) ?? bundle(name)
  bundled.set(name, known)
  return known
}

async function bundle(name: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'gti-child-'))
  directories.push(directory)
  return bundleProgram(join(import.meta.dirname, `${name}.ts`), directory)
}
