import { execFile, execFileSync } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'vitest'
import { bundleProgram } from '../../helpers/bundle-program.js'
import type { Trial } from '../../helpers/fault-trial.js'
import { temporaryDirectory } from '../../helpers/temporary.js'

type Child = 'full-disk-child' | 'refused-write-child' | 'few-handles-child' | 'other-device-child'

const TIMEOUT_MS = 50_000
const OUTPUT_BYTES = 16 * 1024 * 1024

/** Starts its child in a mount namespace of its own. */
export const MOUNTING = ['unshare', '-m']

/** Whether this user may mount something in such a namespace. */
export function mayMount(): boolean {
  const [command = '', ...args] = [...MOUNTING, 'mount', '-t', 'tmpfs', 'tmpfs', tmpdir()]
  try {
    execFileSync(command, args, { stdio: 'ignore' })
    return true
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return false
  }
}

/** The path of a child that plain node runs; called outside a test, it is there until the file's tests have ended. */
export async function childThatMeets(child: Child): Promise<string> {
  const entry = join(import.meta.dirname, '../../helpers', `${child}.ts`)
  return bundleProgram(entry, await temporaryDirectory())
}

/** Runs a child to its end, through a command that starts another where one is given, and answers its report. */
export async function reportOf<Report>(
  program: string,
  plan: object,
  through: readonly string[] = [],
): Promise<Report> {
  const [command = '', ...args] = [...through, process.execPath, program, JSON.stringify(plan)]
  const limits = { timeout: TIMEOUT_MS, killSignal: 'SIGKILL', maxBuffer: OUTPUT_BYTES } as const
  const { stdout } = await promisify(execFile)(command, args, limits)
  return JSON.parse(stdout)
}

/** Fails the test unless the prepare left nothing, and the same prepare went well without the fault. */
export function expectUndone({ left, again, leftInTheEnd }: Trial): void {
  expect({ left, again, leftInTheEnd }).toEqual({
    left: [],
    again: { result: 'done', said: '' },
    leftInTheEnd: [],
  })
}
