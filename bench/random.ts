/** Numbers in [0, 1). */
export type Random = () => number

/** The same numbers for the same seed (the generator known as mulberry32), so that every run measures alike. */
export function seeded(seed: number): Random {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

export function integerBelow(random: Random, limit: number): number {
  return Math.floor(random() * limit)
}

/** A normally distributed number with mean 0 and deviation 1 (the transform of Box and Muller). */
export function normal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random()))
  return radius * Math.cos(2 * Math.PI * random())
}
