/** A holder on another host whose heartbeat is older than this is gone. */
export const LOCK_STALE_MS = 60_000

/** The period of the heartbeat. */
export const LOCK_UPDATE_MS = 5_000

/** Bounds of one poll's delay; in between it is random, so that processes do not march in step. */
export const POLL_MS = { shortest: 5, longest: 50 } as const

/** After this long without a break a process lets others try, for longer than their longest poll. */
export const COURTESY_MS = { after: 100, pause: 60 } as const
