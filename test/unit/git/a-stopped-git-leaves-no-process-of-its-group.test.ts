import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { runProcess } from '../../../src/git/process-runner.js'
import { contentOf, fakeGit, isRunning, rejection, temporaryDirectory } from './fake-git.js'

const run = async (script: string, limits: object) => {
  const cwd = await temporaryDirectory()
  const env = await fakeGit(script)
  return {
    cwd,
    result: runProcess({
      file: 'git',
      name: 'git fetch',
      args: ['fetch'],
      cwd,
      env,
      killGraceMs: 200,
      ...limits,
    }),
  }
}

describe('a git that does not end by itself', () => {
  it('is stopped when it gives no output for the idle time', async () => {
    const { cwd, result } = await run('echo $$ > pid; echo start >&2; exec sleep 60', { idleTimeoutMs: 200 })
    const error = await rejection(result)
    expect(error.code).toBe('GIT_TIMEOUT')
    expect(error.data).toMatchObject({ command: 'git fetch', idleTimeoutMs: 200, stderr: 'start' })
    expect(isRunning(Number(await contentOf(join(cwd, 'pid'))))).toBe(false)
  })

  it('may drip for longer than the idle time, but not for longer than the total time', async () => {
    const drip = 'echo $$ > pid; while :; do echo drip >&2; sleep 0.05; done'
    const started = performance.now()
    const { cwd, result } = await run(drip, { idleTimeoutMs: 400, totalTimeoutMs: 1_000 })
    const error = await rejection(result)
    expect(error.code).toBe('GIT_TIMEOUT')
    expect(error.data).toMatchObject({ totalTimeoutMs: 1_000 })
    expect(performance.now() - started).toBeGreaterThan(900)
    expect(isRunning(Number(await contentOf(join(cwd, 'pid'))))).toBe(false)
  })

  it('is killed when it ignores TERM, and so is its child', async () => {
    const stubborn = `trap '' TERM; (trap '' TERM; sleep 60) & echo $! > child; echo $$ > pid; while :; do sleep 1; done`
    const { cwd, result } = await run(stubborn, { idleTimeoutMs: 300 })
    expect((await rejection(result)).code).toBe('GIT_TIMEOUT')
    expect(isRunning(Number(await contentOf(join(cwd, 'pid'))))).toBe(false)
    expect(isRunning(Number(await contentOf(join(cwd, 'child'))))).toBe(false)
  })

  it('is stopped by a signal of the caller', async () => {
    const controller = new AbortController()
    const { cwd, result } = await run('echo $$ > pid; exec sleep 60', { signal: controller.signal })
    const pid = Number(await contentOf(join(cwd, 'pid')))
    expect(isRunning(pid)).toBe(true)
    controller.abort()
    expect((await rejection(result)).code).toBe('ABORTED')
    expect(isRunning(pid)).toBe(false)
  })

  it('is not even started for a signal that is aborted already', async () => {
    const { cwd, result } = await run('echo $$ > pid', { signal: AbortSignal.abort() })
    expect((await rejection(result)).code).toBe('ABORTED')
    await delay(50)
    await expect(Promise.race([contentOf(join(cwd, 'pid')), delay(50, 'nothing')])).resolves.toBe('nothing')
  })

  it('is stopped when it prints more than the cap', async () => {
    const { cwd, result } = await run('echo $$ > pid; exec yes', { maxOutputBytes: 100_000 })
    const error = await rejection(result)
    expect(error).toMatchObject({ code: 'LIMIT_EXCEEDED', message: 'git fetch: output too large' })
    expect(isRunning(Number(await contentOf(join(cwd, 'pid'))))).toBe(false)
  })
})

describe('a git that ends but leaves something behind', () => {
  it('has succeeded, and the orphan that holds the pipe is stopped', async () => {
    const { cwd, result } = await run('sleep 60 & echo $! > child; echo done', { idleTimeoutMs: 5_000 })
    await expect(result).resolves.toMatchObject({ code: 0, stdout: 'done\n' })
    expect(isRunning(Number(await contentOf(join(cwd, 'child'))))).toBe(false)
  })

  it('is not waited for when the orphan has left the group', async () => {
    const { cwd, result } = await run('setsid sleep 60 & echo $! > child; echo done', {})
    await expect(result).resolves.toMatchObject({ code: 0, stdout: 'done\n' })
    process.kill(Number(await contentOf(join(cwd, 'child'))), 'SIGKILL')
  })
})
