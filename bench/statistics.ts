/** A middle value with the range in which half of all values lie. */
export interface Spread {
  readonly median: number
  readonly lowerQuartile: number
  readonly upperQuartile: number
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5)
}

/** @returns undefined where nothing was measured. */
export function spreadOf(values: readonly number[]): Spread | undefined {
  if (values.length === 0) return undefined
  return {
    median: quantile(values, 0.5),
    lowerQuartile: quantile(values, 0.25),
    upperQuartile: quantile(values, 0.75),
  }
}

/**
 * How many times as much `values` are as `reference`, compared round by round: what made a whole round slow
 * falls out of it, which a ratio of two medians cannot promise.
 */
export function ratioOf(values: readonly number[], reference: readonly number[]): Spread | undefined {
  const rounds = Math.min(values.length, reference.length)
  return spreadOf(
    Array.from(
      { length: rounds },
      (_, round) => (values[round] ?? Number.NaN) / (reference[round] ?? Number.NaN),
    ),
  )
}

/** Interpolates between neighbours; NaN where there are no values. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((one, other) => one - other)
  const position = (sorted.length - 1) * share
  const below = sorted[Math.floor(position)] ?? Number.NaN
  const above = sorted[Math.ceil(position)] ?? Number.NaN
  return below + (above - below) * (position - Math.floor(position))
}
