import { dirname, join } from 'node:path'

interface Known<T> {
  readonly stamp: string
  readonly value: T
}

/** What was made of folders, made again only where something in them may have changed since (`settledStamp`). */
export class SettledMemory<T> {
  readonly #known = new Map<string, Known<T>>()

  /** @param stamp of the folder, asked for before `make` reads it; without one nothing is remembered. */
  async recall(folder: string, stamp: string | undefined, make: () => Promise<T>): Promise<T> {
    const before = this.#known.get(folder)
    if (before !== undefined && before.stamp === stamp) return before.value
    const value = await make()
    if (stamp === undefined) this.#known.delete(folder)
    else this.#known.set(folder, { stamp, value })
    return value
  }

  /** Forgets the folders in this one but for those of these names. */
  keepOnly(parent: string, names: readonly string[]): void {
    const kept = new Set(names.map((name) => join(parent, name)))
    for (const path of this.#known.keys())
      if (dirname(path) === parent && !kept.has(path)) this.#known.delete(path)
  }
}
