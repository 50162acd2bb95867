import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Another file system of 64 KiB, unmounted after the test. */
export function mountSmallDisk(under?: string): string {
  const directory = under ? join(under, 'mounted') : mkdtempSync(join(tmpdir(), 'gti-disk-'))
  if (under) mkdirSync(directory)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', directory])
  onTestFinished(() => {
    execFileSync('umount', [directory])
    rmdirSync(directory)
  })
  return directory
}

/** Whether this machine lets the test mount anything. */
export function canMount(): boolean {
  const directory = mkdtempSync(join(tmpdir(), 'gti-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', directory], { stdio: 'ignore' })
    execFileSync('umount', [directory])
    return true
  } catch (error) {
    if (!(error instanceof Error)) throw error
    return false
  } finally {
    rmdirSync(directory)
  }
}
