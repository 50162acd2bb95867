// An orchestrator one of whose folders is on another file system, so that no rename leads into it or out of it. It
// mounts that file system, and needs a mount namespace of its own for that; where there is none to be had, the
// refusal is injected.
//
//   unshare -m node other-device-child.mjs '{"directory":…,"folder":"trashDir","device":"mounted",…}'

import { execFileSync } from 'node:child_process'
import { type PathLike, promises } from 'node:fs'
import { mkdir, readdir, stat } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { join, resolve, sep } from 'node:path'
import fse from 'fs-extra'
import { environmentLayout } from '../../src/model/layout.js'
import { parseManagerOptions } from '../../src/model/options.js'
import { parsePrepareRequest } from '../../src/model/prepare-request.js'
import { cleanup } from '../../src/operations/cleanup.js'
import { openServices } from '../../src/operations/open-services.js'
import { prepare } from '../../src/operations/prepare.js'
import { type Outcome, outcomeOf } from './outcome.js'
import { taskTraces } from './task-traces.js'

export interface OtherDevicePlan {
  readonly directory: string
  readonly source: string | undefined
  readonly strategy: string
  /** Which of the environment's folders. */
  readonly folder: 'trashDir' | 'tasksDir' | 'indexesDir' | 'scratchDir'
  readonly device: 'mounted' | 'injected'
}

export interface OtherDeviceReport {
  readonly device: 'the same' | 'another'
  readonly failed: Outcome
  readonly leftByFailed: readonly string[]
  readonly prepared: Outcome
  readonly cleaned: Outcome
  readonly leftByCleanup: readonly string[]
  readonly cleanedButForArtifacts: Outcome
  /** The names in the task's folder, from which all but the artifacts was to go. */
  readonly leftInTask: readonly string[]
}

const plan: OtherDevicePlan = JSON.parse(process.argv[2] ?? '')
const key = { envId: 'shop', taskId: 'task' }
const root = join(plan.directory, 'root')
const layout = environmentLayout(root, key.envId)
const folder = layout[plan.folder]
await mkdir(folder, { recursive: true })
if (plan.device === 'mounted') execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', folder])
else refuseRenames()
process.stdout.write(JSON.stringify(await run()))

async function run(): Promise<OtherDeviceReport> {
  const services = openServices(parseManagerOptions({}, { root, parallelism: 2 }))
  const { source, strategy } = plan
  const request = parsePrepareRequest({ ...key, source, strategy })
  const beforeStep = (_operation: string, step: string) => {
    if (step === 'ready') throw new Error('injected')
  }
  const report = {
    device: (await stat(folder)).dev === (await stat(root)).dev ? 'the same' : 'another',
    failed: await outcomeOf(prepare({ ...services, beforeStep }, request)),
    leftByFailed: await taskTraces(layout.directory),
    prepared: await outcomeOf(prepare(services, request)),
    cleaned: await outcomeOf(cleanup(services, key, {})),
    leftByCleanup: await taskTraces(layout.directory),
    cleanedButForArtifacts: await outcomeOf(
      prepare(services, request).then(() => cleanup(services, key, { keep: 'artifacts' })),
    ),
    leftInTask: (await readdir(join(layout.tasksDir, key.taskId))).sort(),
  } as const
  await services.lease.close()
  return report
}

function refuseRenames(): void {
  const isInside = (path: PathLike) => `${resolve(String(path))}${sep}`.startsWith(`${folder}${sep}`)
  const guarded =
    (rename: (from: PathLike, to: PathLike) => Promise<void>) =>
    (from: PathLike, to: PathLike): Promise<void> => {
      if (isInside(from) === isInside(to)) return rename(from, to)
      return Promise.reject(Object.assign(new Error('EXDEV: injected'), { code: 'EXDEV', syscall: 'rename' }))
    }
  promises.rename = guarded(promises.rename)
  Object.assign(fse, { rename: guarded(fse.rename) })
  // For those who import it by name.
  syncBuiltinESMExports()
}
