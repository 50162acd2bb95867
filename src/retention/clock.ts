const DAY_MS = 86_400_000

/** How far clocks may disagree before it is worth a word. */
const TOLERANCE_MS = 60_000

/** One moment by the clock that people set, and by one that only counts on; in milliseconds. */
export interface Moment {
  readonly wall: number
  readonly steady: number
}

/** The last moment at which both clocks could be believed. */
export interface Anchor extends Moment {
  /** When the clock that people set was first seen ahead, by the other one. */
  readonly aheadSince?: number | undefined
}

/**
 * Follows the clock from one look to the next: what it should show if nobody had set it. One that was set ahead is
 * believed when it has stayed so for a day, and one that was set back at once, since that makes nothing older. Pure.
 */
export function followClock(
  anchor: Anchor,
  moment: Moment,
): { readonly shown: number; readonly anchor: Anchor } {
  const shown = anchor.wall + moment.steady - anchor.steady
  if (moment.wall - shown <= TOLERANCE_MS) return { shown: moment.wall, anchor: moment }
  const aheadSince = anchor.aheadSince ?? moment.steady
  if (moment.steady - aheadSince >= DAY_MS) return { shown: moment.wall, anchor: moment }
  return { shown, anchor: { ...anchor, aheadSince } }
}

/** What different clocks say about the present, in milliseconds since 1970; undefined where one cannot be asked. */
export interface ClockReadings {
  /** This host's. */
  readonly host: number
  /** The file server's, which dates what is written. */
  readonly fileServer: number | undefined
  /** What this host's should show if nobody had set it since this process began. */
  readonly unset: number
}

/**
 * The time to tell ages by: that of the clock that is furthest behind, so that one that jumped ahead makes nothing
 * old. Pure. A clock that jumped before the process began, and that the file server goes by too, is not seen here.
 */
export function presentBy(clocks: ClockReadings): { readonly now: Date; readonly doubt?: string } {
  const { host, fileServer = host, unset } = clocks
  const now = new Date(Math.min(host, fileServer, unset))
  if (host - now.getTime() <= TOLERANCE_MS) return { now: new Date(host) }
  const behind =
    fileServer < unset ? "the file server's" : 'what it was when this process began, and the time since'
  const doubt = `this host's clock is at ${new Date(host).toISOString()}, which is ahead of ${behind}`
  return { now, doubt: `${doubt} (${now.toISOString()}); ages are told by that` }
}
