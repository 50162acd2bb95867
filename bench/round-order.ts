/**
 * Every second round goes backwards, and every pair of rounds begins with another one: nobody always comes after
 * the same neighbour and finds the caches as that one left them.
 */
export function orderOfRound<T>(all: readonly T[], round: number): T[] {
  const first = Math.floor(round / 2) % Math.max(1, all.length)
  const rotated = [...all.slice(first), ...all.slice(0, first)]
  return round % 2 === 0 ? rotated : rotated.reverse()
}
