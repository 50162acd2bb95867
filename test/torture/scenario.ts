/** What a scenario works with. */
export interface Stage {
  /** A folder of its own, empty. */
  readonly directory: string
  readonly seed: number
  readonly pace: Pace
  /** A child of this folder as plain node runs it. */
  program(name: `${string}-child`): string
  /** Whether what a violation left is kept. */
  readonly evidence: 'keep' | 'remove'
}

/** How many rounds a scenario does: its minimum in any case, then more until it has enough or time is up. */
export interface Pace {
  mayStart(round: number): boolean
}

/** What came out: counts by name, and every promise that did not hold. */
export interface Outcome {
  readonly counts: Readonly<Record<string, number | string>>
  readonly violations: readonly string[]
}

export interface Scenario {
  readonly name: string
  /** How many rounds there are at least, and how many are enough where no length was asked for. */
  readonly rounds: { readonly least: number; readonly enough: number }
  /** The part of the whole time that it takes where a length was asked for. */
  readonly share: number
  run(stage: Stage): Promise<Outcome>
}
