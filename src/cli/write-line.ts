/** Writes a line to the standard output, and waits until it is taken. */
export function writeLine(line: string): Promise<'written' | 'nobody reads'> {
  return new Promise((resolve, reject) => {
    process.stdout.write(`${line}\n`, (error) => {
      if (!error) resolve('written')
      else if (isClosedPipe(error)) resolve('nobody reads')
      else reject(error)
    })
  })
}

/**
 * Whoever read the output has left, as in `git task list | head -1`, which is no failure; anything else that is in the
 * way of the output is one.
 */
export function handleOutputErrors(): void {
  process.stdout.on('error', (error) => {
    if (isClosedPipe(error)) return
    console.error(`git-task: the output cannot be written: ${error.message}`)
    process.exitCode = 1
  })
}

function isClosedPipe(error: Error): boolean {
  return 'code' in error && (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED')
}
