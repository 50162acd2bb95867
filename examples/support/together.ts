/**
 * Does one thing for every item at the same time. Unlike `Promise.all` it waits for all of them before it
 * reports a failure, so that nothing is still running when the caller cleans up.
 */
export async function together<Item, Result>(
  items: readonly Item[],
  action: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const outcomes = await Promise.allSettled(items.map(action))
  return outcomes.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason
    return outcome.value
  })
}
