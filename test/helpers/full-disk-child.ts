// An orchestrator whose disk runs full at one moment of a prepare after the other. It mounts a small disk for each,
// and needs a mount namespace of its own for that; where there is none to be had, the fault is injected.
//
//   unshare -m node full-disk-child.mjs '{"directory":…,"disk":"mounted","moments":[["checkout",0]],…}'

import { execFileSync } from 'node:child_process'
import { mkdir, open, rm, statfs } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Fault, type TrialPlan, tryWithFaults } from './fault-trial.js'

/** The step that finds the disk full (`start`: the whole prepare), and the bytes that are left then. */
export type Moment = readonly [step: string, bytesLeft: number]

export interface FullDiskPlan extends TrialPlan {
  readonly disk: 'mounted' | 'injected'
  readonly moments: readonly Moment[]
}

const DISK_BYTES = 8 * 1024 * 1024
const plan: FullDiskPlan = JSON.parse(process.argv[2] ?? '')
const disks: string[] = []
const trials = await tryWithFaults(plan, rootOnNewDisk, plan.moments.map(faultAt))
process.stdout.write(JSON.stringify(trials))
if (plan.disk === 'mounted') for (const disk of disks) run('umount', '--lazy', disk)

async function rootOnNewDisk(): Promise<string> {
  const disk = join(plan.directory, `disk-${disks.length}`)
  const root = join(disk, 'root')
  await mkdir(disk)
  disks.push(disk)
  if (plan.disk === 'mounted') run('mount', '-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'tmpfs', disk)
  await mkdir(root)
  return root
}

function faultAt([step, bytesLeft]: Moment): (root: string) => Fault {
  return (root) => {
    const filler = join(dirname(root), 'filler')
    return {
      begin: () => (plan.disk === 'mounted' ? fill(filler, bytesLeft) : refuse()),
      end: () => rm(filler, { force: true }),
      step: step === 'start' ? undefined : step,
    }
  }
}

async function fill(filler: string, bytesLeft: number): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(filler))
  const file = await open(filler, 'w')
  await file.writeFile(Buffer.alloc(bavail * bsize - bytesLeft))
  await file.close()
}

function refuse(): never {
  throw Object.assign(new Error('ENOSPC: injected'), {
    code: 'ENOSPC',
    syscall: 'write',
    path: plan.directory,
  })
}

function run(command: string, ...args: string[]): void {
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] })
}
