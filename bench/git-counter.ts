import { execFile } from 'node:child_process'
import { chmod, mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import type { FootprintJob } from './jobs.js'
import { removeTrees } from './plain-programs.js'

export type GitCounterFiles = FootprintJob['gitCounter']

export interface GitCount {
  /** How many times somebody started git. */
  readonly started: number
  /** With the processes that git started itself. */
  readonly processes: number
}

/**
 * A `git` to be found before the real one. It notes its start and has git's own trace write one file for each
 * process, those that git starts itself included. It costs time, so that nothing is timed with it.
 *
 * @returns the PATH with it in front
 */
export async function installGitCounter(directory: string, files: GitCounterFiles): Promise<string> {
  const git = (await promisify(execFile)('sh', ['-c', 'command -v git'])).stdout.trim()
  const script = [
    '#!/bin/sh',
    `printf . >> '${files.startedFile}'`,
    `GIT_TRACE2_EVENT='${files.processesDir}' exec '${git}' "$@"`,
  ]
  await mkdir(directory)
  await writeFile(join(directory, 'git'), `${script.join('\n')}\n`)
  await chmod(join(directory, 'git'), 0o755)
  await resetGitCounter(files)
  return `${directory}${delimiter}${process.env['PATH'] ?? ''}`
}

export async function resetGitCounter({ startedFile, processesDir }: GitCounterFiles): Promise<void> {
  await removeTrees(processesDir)
  await mkdir(processesDir)
  await writeFile(startedFile, '')
}

export async function readGitCounter({ startedFile, processesDir }: GitCounterFiles): Promise<GitCount> {
  const { size } = await stat(startedFile)
  return { started: size, processes: (await readdir(processesDir)).length }
}
