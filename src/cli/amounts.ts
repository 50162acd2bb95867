import prettyMilliseconds from 'pretty-ms'

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const

/** In decimal units, with three digits that count: `1.23 GB`. */
export function formatBytes(bytes: number): string {
  const digits = Number(Math.max(bytes, 0).toPrecision(3))
  const last = UNITS.length - 1
  const thousands = Math.min(Math.floor(Math.log10(Math.max(digits, 1)) / 3), last)
  return `${Number((digits / 1000 ** thousands).toPrecision(3))} ${UNITS[thousands] ?? ''}`
}

/** How long ago something was, in its largest unit: `3h`. A time to come is now; one that is none is `-`. */
export function formatAge(time: string | undefined, now: Date): string {
  const age = now.getTime() - Date.parse(time ?? '')
  if (!Number.isFinite(age)) return '-'
  return age < 1000 ? '0s' : prettyMilliseconds(age, { compact: true })
}

/** `1 workspace`, `3 workspaces`. */
export function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`
}
