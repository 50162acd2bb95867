/** How far hosts' clocks may disagree before a time counts as one in the future. */
const TOLERANCE_MS = 60_000

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const

/** What a time in a record says: how long ago it was, or why that cannot be told. */
export type Age =
  | { readonly ms: number }
  | { readonly problem: 'in the future' | 'unreadable'; readonly time: string }

/** The age of the latest of some times; one that cannot be read, or lies in the future, decides. */
export function ageOfLatest(times: readonly (string | undefined)[], now: Date): Age {
  const given = times.filter((time) => time !== undefined)
  const unreadable = given.find((time) => Number.isNaN(Date.parse(time)))
  if (unreadable !== undefined) return { problem: 'unreadable', time: unreadable }
  const latest = given.reduce((one, other) => (Date.parse(one) >= Date.parse(other) ? one : other), '')
  if (latest === '') return { problem: 'unreadable', time: 'none' }
  const ms = now.getTime() - Date.parse(latest)
  return ms < -TOLERANCE_MS ? { problem: 'in the future', time: latest } : { ms: Math.max(0, ms) }
}

/** Why something is kept whose age cannot be told. */
export function ageProblem(age: Extract<Age, { problem: string }>): string {
  return age.problem === 'unreadable'
    ? `its time cannot be read (${age.time.slice(0, 40)})`
    : `its time lies in the future (${age.time}); the clock was set back since`
}

/** In the largest unit that fits, cut to a whole number: `9 days`, `1 hour`. */
export function describeAge(ms: number): string {
  for (const [unit, length] of UNITS) {
    if (ms >= length) return countOf(Math.floor(ms / length), unit)
  }
  return '0 seconds'
}

/** A limit as it was set: `7 days`, `0.5 days`. */
export function describeLimit(ms: number): string {
  return countOf(Math.round((ms / UNITS[0][1]) * 1000) / 1000, 'day')
}

function countOf(number: number, unit: string): string {
  return `${number} ${unit}${number === 1 ? '' : 's'}`
}
