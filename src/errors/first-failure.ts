/**
 * Waits for all, so that nothing goes on behind the caller's back, and rejects with the first failure in the order of
 * the list.
 */
export async function allOrFirstFailure<T>(work: readonly Promise<T>[]): Promise<T[]> {
  const outcomes = await Promise.allSettled(work)
  return outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason
    return outcome.value
  })
}
