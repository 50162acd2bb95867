import { readFileSync } from 'node:fs'
import { setInterval } from 'node:timers'

const INTERVAL_MS = 5

/**
 * Watches the processes below this one and remembers the largest peak (`VmHWM`) that it saw. A process that ends
 * between two looks shows what it had at the last one. Linux only; elsewhere nothing is seen.
 */
export class ChildMemory {
  #largestBytes: number | undefined
  readonly #timer = setInterval(() => this.#look(), INTERVAL_MS)

  /** @returns undefined where nothing could be seen. */
  stop(): number | undefined {
    clearInterval(this.#timer)
    return this.#largestBytes
  }

  #look(): void {
    for (const pid of descendants(process.pid)) {
      const peak = peakBytes(pid)
      if (peak !== undefined) this.#largestBytes = Math.max(this.#largestBytes ?? 0, peak)
    }
  }
}

function descendants(pid: number): number[] {
  const children = read(`/proc/${pid}/task/${pid}/children`) ?? ''
  const pids = children.split(' ').filter((text) => text !== '')
  return pids.map(Number).flatMap((child) => [child, ...descendants(child)])
}

function peakBytes(pid: number): number | undefined {
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(read(`/proc/${pid}/status`) ?? '')?.[1]
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024
}

/** A process may be gone between its name and its file. */
function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT' || code === 'ESRCH') return undefined
    throw error
  }
}
