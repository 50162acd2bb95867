import { GitError } from '../errors/workspace-error.js'
import type { Git } from './git.js'
import type { GitCall } from './git-call.js'

/** More are in no tree that a person works with, and would not fit into memory. */
const MAX_NAMES = 5_000_000

/**
 * Runs a git command whose output is fields that end in NUL, and hands over each field while git goes on.
 *
 * A field comes as latin1 text, one character for each byte: names of files may be no UTF-8.
 *
 * @throws GitError LIMIT_EXCEEDED beyond five million fields; git is stopped then, and when `onName` throws.
 */
export async function listNames(git: Git, call: GitCall, onName: (name: string) => void): Promise<void> {
  let unfinished: Buffer[] = []
  let count = 0
  await git.run({
    ...call,
    onOutput: (chunk) => {
      let start = 0
      for (let end = chunk.indexOf(0); end >= 0; end = chunk.indexOf(0, start)) {
        count += 1
        if (count > MAX_NAMES) throw tooManyNames()
        onName(Buffer.concat([...unfinished, chunk.subarray(start, end)]).toString('latin1'))
        unfinished = []
        start = end + 1
      }
      if (start < chunk.length) unfinished.push(chunk.subarray(start))
    },
  })
}

function tooManyNames(): GitError {
  return new GitError('LIMIT_EXCEEDED', `the repository has more than ${MAX_NAMES} names`, {
    data: { limit: 'names', max: MAX_NAMES },
    hint: 'Look at the tree: some are made to have no end.',
  })
}

/** The bytes of a name that `listNames` handed over. */
export function bytesOfName(name: string): Buffer {
  return Buffer.from(name, 'latin1')
}
