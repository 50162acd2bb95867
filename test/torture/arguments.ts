import { parseArgs } from 'node:util'

export interface TortureArguments {
  readonly seed: number
  /** How long to go on; undefined: until each scenario has enough, and not much longer than a minute and a half. */
  readonly seconds: number | undefined
  /** How many rounds of kills there are, whatever the time. */
  readonly rounds: number | undefined
  /** The scenarios whose names begin with this. */
  readonly only: string
  /** Whether what violations left is kept. */
  readonly evidence: 'keep' | 'remove'
}

/** @throws Error naming the argument that is wrong. */
export function parseArguments(args: string[]): TortureArguments {
  const { values } = parseArgs({
    args,
    options: {
      seed: { type: 'string' },
      seconds: { type: 'string' },
      rounds: { type: 'string' },
      only: { type: 'string', default: '' },
      keep: { type: 'boolean', default: false },
    },
  })
  return {
    seed: numberOf('seed', values.seed) ?? Math.floor(Math.random() * 1_000_000),
    seconds: numberOf('seconds', values.seconds),
    rounds: numberOf('rounds', values.rounds),
    only: values.only,
    evidence: values.keep ? 'keep' : 'remove',
  }
}

function numberOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const number = Number(text)
  if (Number.isSafeInteger(number) && number >= 0) return number
  throw new Error(`--${name} must be a whole number, not ${JSON.stringify(text)}`)
}
