import type { Git } from './git.js'
import type { GitCall } from './git-call.js'

/**
 * Runs a git command whose output is fields that end in NUL, and hands over each field while git goes on.
 *
 * A field comes as latin1 text, one character for each byte: names of files may be no UTF-8.
 */
export async function listNames(git: Git, call: GitCall, onName: (name: string) => void): Promise<void> {
  let unfinished: Buffer[] = []
  await git.run({
    ...call,
    onOutput: (chunk) => {
      let start = 0
      for (let end = chunk.indexOf(0); end >= 0; end = chunk.indexOf(0, start)) {
        onName(Buffer.concat([...unfinished, chunk.subarray(start, end)]).toString('latin1'))
        unfinished = []
        start = end + 1
      }
      if (start < chunk.length) unfinished.push(chunk.subarray(start))
    },
  })
}

/** The bytes of a name that `listNames` handed over. */
export function bytesOfName(name: string): Buffer {
  return Buffer.from(name, 'latin1')
}
