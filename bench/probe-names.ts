/** The probe of reuse and its series, by which its target finds them. */
export const REUSE = {
  probe: 'a ready workspace, asked for again',
  again: 'prepare',
  reading: 'reading its record',
} as const
