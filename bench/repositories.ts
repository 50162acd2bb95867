import type { ChildProcess } from 'node:child_process'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { pathToFileURL } from 'node:url'
import { endOf, startChild } from './children.js'
import { historyStream, type RepositoryShape } from './history.js'
import { plainEnvironment, plainGit } from './plain-programs.js'
import type { RepositoryFacts } from './results.js'

export interface Repository {
  /** `file://`: git treats it as a remote, with a transport of its own. */
  readonly url: string
  readonly facts: RepositoryFacts
}

/** A bare repository, made by one `git fast-import` that reads while the history is being thought up. */
export async function makeRepository(directory: string, shape: RepositoryShape): Promise<Repository> {
  await plainGit('init', '--quiet', '--bare', '--initial-branch=main', directory)
  await importHistory(directory, shape)
  return { url: pathToFileURL(directory).href, facts: { ...shape, ...(await packFacts(directory)) } }
}

/** The mirror that all contenders by hand use. */
export async function makeMirror(directory: string, { url }: Repository): Promise<string> {
  await ended(startGit(['clone', '--quiet', '--bare', url, directory]))
  // What would happen anyway sooner or later must not happen in the middle of a round.
  await plainGit('--git-dir', directory, 'config', 'gc.auto', '0')
  return directory
}

async function importHistory(directory: string, shape: RepositoryShape): Promise<void> {
  // The fastest compression, which is a third of the time and costs a tenth more of disk.
  const how = ['-c', 'core.compression=1', 'fast-import', '--quiet', '--done']
  const git = startGit(['--git-dir', directory, ...how])
  if (git.stdin === null) throw new Error('git fast-import has no input')
  await Promise.all([ended(git), pipeline(Readable.from(historyStream(shape)), git.stdin)])
}

/** What takes so long that somebody may press Ctrl-C meanwhile. */
function startGit(args: readonly string[]): ChildProcess {
  return startChild('git', args, {
    env: { ...process.env, ...plainEnvironment },
    stdio: ['pipe', 'ignore', 'inherit'],
  })
}

async function ended(git: ChildProcess): Promise<void> {
  const code = await endOf(git, 'git')
  if (code !== 0) throw new Error(`git ended with exit code ${code}`)
}

async function packFacts(directory: string): Promise<Pick<RepositoryFacts, 'objects' | 'packBytes'>> {
  const counts = await plainGit('--git-dir', directory, 'count-objects', '-v')
  const count = (name: string) => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(counts)?.[1])
  return { objects: count('in-pack') + count('count'), packBytes: count('size-pack') * 1024 }
}
