/** Numbers that depend on nothing but the seed, so that a run can be repeated. */
export class Random {
  readonly #seed: number
  #state: number

  constructor(seed: number) {
    this.#seed = seed
    this.#state = seed
  }

  /** From 0 up to, but not including, 1 (the generator is known as mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    bits = (bits + Math.imul(bits ^ (bits >>> 7), 61 | bits)) ^ bits
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<Item>(items: readonly [Item, ...Item[]]): Item {
    return items[Math.floor(this.next() * items.length)] ?? items[0]
  }

  /** Another series of numbers, which does not change with what is drawn from this one. */
  fork(index: number): Random {
    return new Random(Math.imul(this.#seed ^ Math.imul(index + 1, 0x9e3779b1), 0x85ebca6b))
  }
}
