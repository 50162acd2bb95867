// An orchestrator with only so many file handles, in one prepare after the other.
//
//   bash -c 'ulimit -n 256; exec "$@"' bash node few-handles-child.mjs '{"directory":…,"handles":[1,2],…}'

import { closeSync, openSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { devNull } from 'node:os'
import { join } from 'node:path'
import { isSystemError } from '../../src/errors/system-error.js'
import { type Fault, type TrialPlan, tryWithFaults } from './fault-trial.js'

export interface FewHandlesPlan extends TrialPlan {
  /** How many are left, in each trial. */
  readonly handles: readonly number[]
}

const plan: FewHandlesPlan = JSON.parse(process.argv[2] ?? '')
let roots = 0
process.stdout.write(JSON.stringify(await tryWithFaults(plan, newRoot, plan.handles.map(allTakenBut))))

async function newRoot(): Promise<string> {
  roots += 1
  const root = join(plan.directory, `root-${roots}`)
  await mkdir(root)
  return root
}

function allTakenBut(handles: number): () => Fault {
  let taken: number[] = []
  const begin = () => {
    taken = takeAll()
    for (const handle of taken.splice(0, handles)) closeSync(handle)
  }
  const end = () => {
    for (const handle of taken) closeSync(handle)
  }
  return () => ({ begin, end })
}

function takeAll(): number[] {
  const taken: number[] = []
  try {
    for (;;) taken.push(openSync(devNull, 'r'))
  } catch (error) {
    if (!isSystemError(error, 'EMFILE')) throw error
    return taken
  }
}
