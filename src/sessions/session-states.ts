import type { SessionState } from '../model/session-record.js'

/** Which state may follow which. A record that is gone has been released. */
export const LEGAL_TRANSITIONS: Readonly<Record<SessionState, readonly SessionState[]>> = {
  reserved: ['preparing', 'removing'],
  preparing: ['ready', 'removing'],
  ready: ['ready', 'finished', 'removing'],
  finished: ['ready', 'finished', 'removing'],
  removing: ['removing', 'finished', 'ready'],
}

/** Whether a session may pass from one state to the other. */
export function isLegalTransition(from: SessionState, to: SessionState): boolean {
  return LEGAL_TRANSITIONS[from].includes(to)
}
