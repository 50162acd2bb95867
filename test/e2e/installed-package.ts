import { join } from 'node:path'
import { type ProgramResult, repositoryRoot, runProgram } from '../helpers/run-program.js'

export interface InstalledPackage {
  /** Holds `bin/`, `lib/` and `share/`, as npm lays them out. */
  readonly prefix: string
  /** The package itself, with the packages that it needs. */
  readonly folder: string
}

/** Packs the package as it is built, and installs what was packed as `npm install --global` does. */
export async function installPackage(directory: string): Promise<InstalledPackage> {
  const packed = await npm('pack', '--json', '--pack-destination', directory)
  const name = /"filename": "(?<name>[^"]+)"/.exec(packed.stdout)?.groups?.['name']
  if (name === undefined) throw new Error(`npm pack names no file: ${packed.stdout}`)
  const prefix = join(directory, 'prefix')
  const quiet = ['--prefer-offline', '--no-audit', '--no-fund']
  await npm('install', '--global', '--prefix', prefix, ...quiet, join(directory, name))
  return { prefix, folder: join(prefix, 'lib/node_modules/git-task-isolation') }
}

async function npm(...args: readonly string[]): Promise<ProgramResult> {
  const result = await runProgram('npm', args, { cwd: repositoryRoot })
  if (result.code === 0) return result
  throw new Error(`npm ${args[0]} ended with ${result.code}: ${result.stderr}${result.stdout}`)
}
