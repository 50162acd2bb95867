import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { tryGit } from './run-git.js'

/** Whether the installed git can store refs in tables (git 2.45 and newer). */
export async function knowsReftables(): Promise<boolean> {
  const directory = await mkdtemp(join(tmpdir(), 'gti-reftable-'))
  try {
    return (await tryGit(directory, 'init', '--quiet', '--ref-format=reftable', 'repo')).code === 0
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
