import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'

const running = new Set<ChildProcess>()

/** Starts a program in a process group of its own, so that all that it starts can be stopped with it. */
export function startChild(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn(command, args, { ...options, detached: true })
  running.add(child)
  child.once('close', () => running.delete(child))
  return child
}

/** @returns its exit code. @throws where it could not be started, or was stopped by a signal. */
export function endOf(child: ChildProcess, what: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      if (code === null) reject(new Error(`${what} was stopped by ${signal}`))
      else resolve(code)
    })
  })
}

/** Ends every child that is at work, with all that it started. */
export async function stopChildren(): Promise<void> {
  const ends = [...running].map((child) => new Promise((resolve) => child.once('close', resolve)))
  for (const { pid } of running) if (pid !== undefined) process.kill(-pid, 'SIGTERM')
  await Promise.all(ends)
}
