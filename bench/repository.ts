import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { FastImportStream } from '../test/helpers/fast-import.js'

const environment = { ...process.env, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C' }

/** Runs git as anybody would, for the alternatives that we are measured against. */
export function plainGit(...args: readonly string[]): void {
  execFileSync('git', args, { env: environment, stdio: ['ignore', 'ignore', 'ignore'] })
}

/** A bare repository with this many files in folders of fifty, 2 KiB each, through one `git fast-import`. */
export function makeRepository(directory: string, fileCount: number): string {
  const path = join(directory, 'upstream.git')
  plainGit('init', '--bare', '--initial-branch=main', path)
  const stream = new FastImportStream()
  const names = Array.from({ length: fileCount }, (_, n) => `folder-${Math.floor(n / 50)}/file-${n}.txt`)
  const files = Object.fromEntries(
    names.map((name) => [name, `${name}\n`.repeat(Math.ceil(2048 / name.length))]),
  )
  stream.commit({ branch: 'main', files, message: 'all files' })
  execFileSync('git', ['--git-dir', path, 'fast-import', '--quiet', '--done'], {
    env: environment,
    input: stream.toBuffer(),
  })
  return path
}
