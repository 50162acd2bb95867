/** Like `Promise.all`, but waits for all of them, so that nothing is still at work when one fails. */
export async function together<T extends readonly Promise<unknown>[] | []>(
  all: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  await Promise.allSettled(all)
  return Promise.all(all)
}
