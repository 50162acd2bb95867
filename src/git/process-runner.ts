import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { throwIfStopped } from '../errors/stop-reason.js'
import type { ProcessCommand, ProcessResult } from './process-command.js'
import { leadsOwnGroup } from './process-group.js'
import { ProcessRun } from './process-run.js'
import { spawnFailure } from './spawn-failure.js'
import { whereToStart } from './where-to-start.js'

export type { ProcessCommand, ProcessResult }

/**
 * Runs a program without a shell as the leader of its own process group, and waits for the whole group.
 *
 * Any exit code resolves. Rejects with GIT_MISSING, GIT_TIMEOUT, ABORTED, GIT_FAILED (could not be started) or
 * LIMIT_EXCEEDED (too much output); the group has then been sent TERM and, after the grace time, KILL. Members that
 * the leader left behind are stopped too; something that left the group but keeps a pipe is not waited for.
 */
export async function runProcess(command: ProcessCommand): Promise<ProcessResult> {
  throwIfStopped(command.signal)
  const child = await start(command)
  return new ProcessRun(child, command).result()
}

async function start(command: ProcessCommand): Promise<ChildProcess> {
  const { name = command.file, cwd } = command
  try {
    const child = spawn(command.file, [...command.args], {
      cwd: cwd ?? whereToStart(),
      env: command.env,
      detached: leadsOwnGroup,
      windowsHide: true,
      stdio: [command.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    })
    await once(child, 'spawn')
    return child
  } catch (error) {
    throw spawnFailure(error, { name, cwd })
  }
}
