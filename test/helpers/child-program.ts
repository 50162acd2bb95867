import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bundleProgram } from './bundle-program.js'

const bundled = new Map<string, string>()

/** The path of a program of this folder as plain node runs it. */
export function childProgram(name: 'crash-child' | 'lock-child'): string {
  return bundledOnce(join(import.meta.dirname, `${name}.ts`))
}

/** A TypeScript program with all that it imports, as plain node runs it; made once in each process that runs tests. */
export function bundledOnce(file: string): string {
  // The folder goes with that of the run.
  const known = bundled.get(file) ?? bundleProgram(file, mkdtempSync(join(tmpdir(), 'gti-child-')))
  bundled.set(file, known)
  return known
}
