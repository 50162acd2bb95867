interface Looks<T> {
  running: Promise<T>
  next: Promise<T> | undefined
}

/**
 * One look for many who ask for the same: each gets one that began after it had asked, and those who ask while one is
 * under way share the next. What comes of it is as true for each as its own look would be.
 */
export class SharedLook<T> {
  readonly #looks = new Map<string, Looks<T>>()

  at(place: string, look: () => Promise<T>): Promise<T> {
    const looks = this.#looks.get(place)
    if (looks === undefined) return this.#begin(place, look)
    looks.next ??= Promise.allSettled([looks.running]).then(() => this.#begin(place, look))
    return looks.next
  }

  #begin(place: string, look: () => Promise<T>): Promise<T> {
    const looks: Looks<T> = { running: look(), next: undefined }
    this.#looks.set(place, looks)
    const forget = () => {
      if (looks.next === undefined) this.#looks.delete(place)
    }
    looks.running.then(forget, forget)
    return looks.running
  }
}
