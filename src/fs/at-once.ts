/** In so long a time no more than so much of it goes into such calls, however slow the disk is. */
const WINDOW_MS = 20
const SHARE_MS = 5

let windowBegan = Number.NEGATIVE_INFINITY
let spentMs = 0
/** Of the first such call since the event loop last turned. */
let heldSince: number | undefined

/**
 * The answer of a call of the file system that is not asynchronous: a look-up or a small file takes microseconds, a turn
 * through the thread pool ten times that. `not now` where such calls have held up the event loop for long enough, as
 * on a slow disk, or where it has not turned for as long, as in a loop that calculates in between: what is asked then
 * asynchronously lets others have their turn.
 */
export function atOnce<T>(call: () => T): { readonly answer: T } | 'not now' {
  const now = performance.now()
  if (Math.abs(now - windowBegan) > WINDOW_MS) [windowBegan, spentMs] = [now, 0]
  if (spentMs > SHARE_MS || now - sinceTurn(now) > WINDOW_MS) return 'not now'
  try {
    return { answer: call() }
  } finally {
    spentMs += performance.now() - now
  }
}

function sinceTurn(now: number): number {
  if (heldSince === undefined) {
    heldSince = now
    setImmediate(() => {
      heldSince = undefined
    })
  }
  return heldSince
}
