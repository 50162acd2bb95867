export interface Step {
  readonly name: string
  readonly durationMs: number
}

/** Measures the steps of the demo, for the last table. */
export class Stopwatch {
  readonly #steps: Step[] = []
  readonly #startedAt = performance.now()

  get steps(): readonly Step[] {
    return this.#steps
  }

  get totalMs(): number {
    return performance.now() - this.#startedAt
  }

  async time<T>(name: string, action: () => Promise<T>): Promise<T> {
    const { result, durationMs } = await timed(action)
    this.#steps.push({ name, durationMs })
    return result
  }
}

export async function timed<T>(action: () => Promise<T>): Promise<{ result: T; durationMs: number }> {
  const startedAt = performance.now()
  const result = await action()
  return { result, durationMs: performance.now() - startedAt }
}
