/** The right to try for a lock on behalf of this process. */
export interface Turn {
  /** For how long this process has had somebody in line without a break, in milliseconds. */
  readonly busyMs: number
  /** Starts that count afresh. */
  restart(): void
  /** Lets the next in line go; calling it again does nothing. */
  end(): void
}

interface Line {
  readonly waiters: Waiter[]
  busySince: number
}

interface Waiter {
  start(): void
}

const lines = new Map<string, Line>()

/**
 * Waits for the turn at a key, first come, first served. The place in line is taken before this returns.
 *
 * Rejects with the signal's reason when it is aborted first; the place in line is then given up.
 */
export function takeTurn(key: string, signal: AbortSignal): Promise<Turn> {
  const line = lineFor(key)
  return new Promise((resolve, reject) => {
    const giveUp = () => {
      leave(key, line, waiter)
      reject(signal.reason)
    }
    const waiter: Waiter = {
      start() {
        signal.removeEventListener('abort', giveUp)
        resolve(turnOf(key, line, waiter))
      },
    }
    signal.addEventListener('abort', giveUp, { once: true })
    line.waiters.push(waiter)
    if (line.waiters[0] === waiter) waiter.start()
  })
}

function lineFor(key: string): Line {
  const line = lines.get(key) ?? { waiters: [], busySince: performance.now() }
  lines.set(key, line)
  return line
}

function turnOf(key: string, line: Line, waiter: Waiter): Turn {
  return {
    get busyMs() {
      return performance.now() - line.busySince
    },
    restart() {
      line.busySince = performance.now()
    },
    end: () => leave(key, line, waiter),
  }
}

function leave(key: string, line: Line, waiter: Waiter): void {
  const place = line.waiters.indexOf(waiter)
  if (place === -1) return
  line.waiters.splice(place, 1)
  if (line.waiters.length === 0) lines.delete(key)
  else if (place === 0) line.waiters[0]?.start()
}
