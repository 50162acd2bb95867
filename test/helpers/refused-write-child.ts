// An orchestrator that may not write to one folder after the other. Started as root it becomes another user first,
// since root is stopped by no permission.
//
//   node refused-write-child.mjs '{"directory":…,"places":["managed-repos"],…}'

import { chmod, mkdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Fault, type TrialPlan, tryWithFaults } from './fault-trial.js'

export interface RefusedWritePlan extends TrialPlan {
  /** Below the root; made where they are missing. */
  readonly places: readonly string[]
}

const NOBODY = 65_534
const plan: RefusedWritePlan = JSON.parse(process.argv[2] ?? '')
if (process.getuid?.() === 0) becomeNobody()
let roots = 0
process.stdout.write(JSON.stringify(await tryWithFaults(plan, newRoot, plan.places.map(refusedAt))))

function becomeNobody(): void {
  process.setgroups?.([NOBODY])
  process.setgid?.(NOBODY)
  process.setuid?.(NOBODY)
}

async function newRoot(): Promise<string> {
  roots += 1
  const root = join(plan.directory, `root-${roots}`)
  await mkdir(root)
  return root
}

function refusedAt(place: string): (root: string) => Fault {
  return (root) => {
    const path = join(root, place)
    let mode = 0o700
    const begin = async () => {
      await mkdir(path, { recursive: true })
      mode = (await stat(path)).mode & 0o777
      await chmod(path, 0o555)
    }
    return { begin, end: () => chmod(path, mode) }
  }
}
