import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { currentProcess, type ProcessIdentity } from '../../../src/fs/process-identity.js'

export const FORGED_TOKEN = '00000000-0000-4000-8000-000000000000'

/** Leaves a lock on disk as a process with this identity would have. */
export async function forgeLock(path: string, identity: Partial<ProcessIdentity>): Promise<string> {
  const token = FORGED_TOKEN
  const holder = {
    ...currentProcess(),
    ...identity,
    token,
    purpose: 'forged',
    since: new Date().toISOString(),
  }
  await mkdir(path, { recursive: true })
  const file = join(path, `holder-${token}.json`)
  await writeFile(file, JSON.stringify(holder))
  return file
}

/** Moves a lock's times, as a jump of the clock seems to. */
export async function shiftTimes(path: string, ms: number): Promise<void> {
  const time = new Date(Date.now() + ms)
  for (const name of await readdir(path)) await utimes(join(path, name), time, time)
  await utimes(path, time, time)
}
