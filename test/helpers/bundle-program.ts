import { createRequire } from 'node:module'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The part of esbuild that is used here. */
interface Esbuild {
  buildSync(options: Readonly<Record<string, unknown>>): unknown
}

// The esbuild of tsx, so that a bundled program is compiled as an unbundled one would be.
const requireFromTsx = createRequire(import.meta.resolve('tsx'))
const tsconfig = fileURLToPath(new URL('../../tsconfig.json', import.meta.url))

// Packages that are bundled still call require() for what node brings along.
const requireInModule =
  "import { createRequire as bundledRequire } from 'node:module'; const require = bundledRequire(import.meta.url);"

export function esbuild(): Esbuild {
  return requireFromTsx('esbuild')
}

/**
 * Makes one file of a TypeScript program and all that it imports, packages included, and answers its path. Plain
 * node starts it in a fifth of the time that tsx needs, which counts where a program is started many times.
 */
export function bundleProgram(entry: string, directory: string): string {
  const outfile = join(directory, `${basename(entry, '.ts')}.mjs`)
  // Not `build`, which leaves a process of esbuild running.
  esbuild().buildSync({
    entryPoints: [entry],
    outfile,
    tsconfig,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    banner: { js: requireInModule },
    logLevel: 'error',
  })
  return outfile
}
