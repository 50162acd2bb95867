import { reportLostOutput } from './failure.js'
import type { OutputFormat } from './render.js'

/**
 * Whoever read the output has left, as in `git task list | head -1`, which is no failure; anything else that is in the
 * way of the output is one. What cannot be said beside it ends nothing: a terminal may be closed while a sweep goes on.
 */
export function handleOutputErrors(format: OutputFormat): void {
  process.stdout.on('error', (error) => {
    if (isClosedPipe(error)) return
    reportLostOutput(error, format)
    process.exitCode = 1
  })
  // There is no other place to tell it.
  process.stderr.on('error', () => undefined)
}

function isClosedPipe(error: Error): boolean {
  return 'code' in error && (error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED')
}
