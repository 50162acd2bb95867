import { execFileSync, spawnSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { onTestFinished } from 'vitest'
import { isWorkspaceError, type WorkspaceError } from '../../../src/errors/workspace-error.js'

/** A temporary directory that goes when the test ends. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'git-room-')))
  onTestFinished(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }))
  return directory
}

/** Puts a `git` that is this shell script first on PATH, and gives back that environment. */
export async function fakeGit(script: string): Promise<NodeJS.ProcessEnv> {
  const bin = join(await temporaryDirectory(), 'bin')
  await mkdir(bin)
  await writeGit(bin, script)
  return { ...process.env, PATH: `${bin}${delimiter}${process.env['PATH']}` }
}

/** Another `git` in the place of the one in this folder, as an upgrade puts it there. */
export async function writeGit(bin: string, script: string): Promise<void> {
  await writeFile(join(bin, 'git.new'), `#!/bin/sh\n${script}\n`)
  await chmod(join(bin, 'git.new'), 0o755)
  await rename(join(bin, 'git.new'), join(bin, 'git'))
}

/** Plain git, for setting a scene. */
export function plainGit(cwd: string, ...args: string[]): string {
  const identity = ['-c', 'user.name=T', '-c', 'user.email=t@example.org', '-c', 'init.defaultBranch=main']
  return execFileSync('git', [...identity, ...args], { cwd, encoding: 'utf8', stdio: 'pipe' })
}

/** A repository with one commit. */
export async function repositoryWithOneCommit(): Promise<string> {
  const directory = join(await temporaryDirectory(), 'repository')
  await mkdir(directory)
  plainGit(directory, 'init', '-q')
  await writeFile(join(directory, 'file.txt'), 'hello\n')
  plainGit(directory, 'add', '-A')
  plainGit(directory, 'commit', '-q', '-m', 'first')
  return directory
}

/** Waits until a file has content, and gives it back. */
export async function contentOf(file: string): Promise<string> {
  for (;;) {
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return ''
      throw error
    })
    if (text.endsWith('\n')) return text.trim()
    await delay(5)
  }
}

/** Whether a process still runs; a zombie that nobody has reaped does not. */
export function isRunning(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' })
  return stdout.trim() !== '' && !stdout.startsWith('Z')
}

/** The error a promise rejects with. */
export async function rejection(promise: Promise<unknown>): Promise<WorkspaceError> {
  try {
    await promise
  } catch (error) {
    if (isWorkspaceError(error)) return error
    throw error
  }
  throw new Error('it should have been rejected')
}
