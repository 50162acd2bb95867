// An orchestrator whose disk runs full at one moment of a prepare after the other. It mounts a small disk for each,
// and needs a mount namespace of its own for that; where there is none to be had, the fault is injected.
//
//   unshare -m node full-disk-child.mjs '{"directory":…,"disk":"mounted","moments":[["checkout",0]],…}'

import { execFileSync } from 'node:child_process'
import { mkdir, open, rm, statfs, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { type Fault, type TrialPlan, tryWithFaults } from './fault-trial.js'

/** The step that finds the disk full (`start`: the whole prepare), and the bytes, or the files, that are left then. */
export type Moment = readonly [step: string, left: number]

export interface FullDiskPlan extends TrialPlan {
  readonly disk: 'mounted' | 'injected'
  /** What there is no room for; default `bytes`. Another file is lacking on a mounted disk only. */
  readonly lack?: 'bytes' | 'files' | undefined
  readonly moments: readonly Moment[]
}

const DISK_BYTES = 8 * 1024 * 1024
const DISK_FILES = 600
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
  const size = `size=${DISK_BYTES},nr_inodes=${DISK_FILES}`
  if (plan.disk === 'mounted') run('mount', '-t', 'tmpfs', '-o', size, 'tmpfs', disk)
  await mkdir(root)
  return root
}

function faultAt([step, left]: Moment): (root: string) => Fault {
  return (root) => {
    const filler = join(dirname(root), 'filler')
    return {
      begin: () => (plan.disk === 'mounted' ? fillDisk(filler, left) : refuse()),
      end: () => rm(filler, { recursive: true, force: true }),
      step: step === 'start' ? undefined : step,
    }
  }
}

function fillDisk(filler: string, left: number): Promise<void> {
  return plan.lack === 'files' ? takeFiles(filler, left) : fill(filler, left)
}

async function takeFiles(filler: string, filesLeft: number): Promise<void> {
  await mkdir(filler)
  const { ffree } = await statfs(filler)
  for (let file = filesLeft; file < ffree; file += 1) await writeFile(join(filler, String(file)), '')
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
