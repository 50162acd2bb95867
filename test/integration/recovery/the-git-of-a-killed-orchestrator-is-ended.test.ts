import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { runWithTsx } from '../../helpers/run-program.js'
import { contentOf, fakeGit, isRunning, temporaryDirectory } from '../../unit/git/fake-git.js'

// Other tests may kill orchestrators and end orphans at the same time.
process.env['TEST_HOST'] = `test-${process.pid}`
await import('./test-host.js')
const { currentProcess } = await import('../../../src/fs/process-identity.js')
const { listGitProcesses } = await import('../../../src/git/git-processes.js')
const { endOrphans } = await import('../../../src/git/orphans.js')

const onLinux = describe.runIf(process.platform === 'linux')

onLinux('the git of an orchestrator that was killed', () => {
  it('is ended, and its helper with it', async () => {
    const { orchestrator, pids } = await orchestratorWithGit()
    await killed(orchestrator)
    expect(pids.map(isRunning)).toEqual([true, true])
    expect(await endOrphans()).toBe(2)
    expect(pids.map(isRunning)).toEqual([false, false])
  })

  it('is ended when it is a real one', async () => {
    const pipe = join(await temporaryDirectory(), 'pipe')
    execFileSync('mkfifo', [pipe])
    const orchestrator = startOrchestrator(process.env, ['hash-object', pipe])
    await expect.poll(() => gitsThatRead(pipe), { timeout: 20_000 }).toHaveLength(1)
    const [pid = 0] = await gitsThatRead(pipe)
    onTestFinished(() => void (isRunning(pid) && process.kill(pid, 'SIGKILL')))
    await killed(orchestrator)
    expect(isRunning(pid)).toBe(true)
    expect(await endOrphans()).toBe(1)
    expect(isRunning(pid)).toBe(false)
  })

  it('is ended although it is stopped', async () => {
    const { orchestrator, pids } = await orchestratorWithGit()
    for (const pid of pids) process.kill(pid, 'SIGSTOP')
    await killed(orchestrator)
    await endOrphans()
    expect(pids.map(isRunning)).toEqual([false, false])
  })

  it('goes on while the orchestrator lives, stopped or not', async () => {
    const { orchestrator, pids } = await orchestratorWithGit()
    expect(await endOrphans()).toBe(0)
    expect(pids.map(isRunning)).toEqual([true, true])
    orchestrator.kill('SIGSTOP')
    expect(await endOrphans()).toBe(0)
    expect(pids.map(isRunning)).toEqual([true, true])
    await killed(orchestrator)
    await endOrphans()
    expect(pids.map(isRunning)).toEqual([false, false])
  })
})

const self = currentProcess()
const gone = { ...self, processStart: '1' }

onLinux('a process that says who started it', () => {
  it.each([
    { name: 'this process', starter: self, expected: true },
    { name: 'an earlier process with the id of this one', starter: gone, expected: false },
    {
      name: 'a process of an earlier start of the machine',
      starter: { ...self, bootId: 'x//' },
      expected: false,
    },
    { name: 'a process of another host', starter: { ...gone, host: 'elsewhere' }, expected: true },
    { name: 'a process of another container', starter: { ...gone, bootId: '/1/' }, expected: true },
  ])('namely $name, is running afterwards: $expected', async ({ starter, expected }) => {
    const pid = await markedProcess(starter)
    expect(await endOrphans()).toBe(expected ? 0 : 1)
    expect(isRunning(pid)).toBe(expected)
  })

  it('is left alone when it has made itself a daemon', async () => {
    const pid = await markedProcess(gone, { stdio: 'ignore' })
    const control = await markedProcess(gone)
    expect(await endOrphans()).toBe(1)
    expect([pid, control].map(isRunning)).toEqual([true, false])
  })

  it('is left alone where there is no /proc', async () => {
    const platform = vi.spyOn(process, 'platform', 'get').mockReturnValue('darwin')
    onTestFinished(() => platform.mockRestore())
    const pid = await markedProcess(gone)
    expect(await endOrphans()).toBe(0)
    expect(isRunning(pid)).toBe(true)
  })

  it('is found by its mark, whatever else is in its environment', async () => {
    const pid = await markedProcess(gone, { stdio: 'pipe', extra: { AAA: 'x'.repeat(100_000) } })
    expect(await endOrphans()).toBe(1)
    expect(isRunning(pid)).toBe(false)
  })

  it.runIf(process.getuid?.() === 0)('is left alone when it is of another user', async () => {
    const pid = await markedProcess(gone)
    const script = join(import.meta.dirname, 'end-as-nobody.ts')
    expect(await runWithTsx(script)).toMatchObject({ code: 0, stdout: '0\n', stderr: '' })
    expect(isRunning(pid)).toBe(true)
  })
})

async function orchestratorWithGit(): Promise<{ orchestrator: ChildProcess; pids: number[] }> {
  const env = await fakeGit('sleep 60 & echo $! > helper; echo $$ > git; wait')
  const cwd = await temporaryDirectory()
  const orchestrator = startOrchestrator(env, ['status'], cwd)
  const names = ['git', 'helper']
  const pids = await Promise.all(names.map(async (name) => Number(await contentOf(join(cwd, name)))))
  onTestFinished(() => void pids.filter(isRunning).map((pid) => process.kill(pid, 'SIGKILL')))
  return { orchestrator, pids }
}

function startOrchestrator(env: NodeJS.ProcessEnv, args: readonly string[], cwd?: string): ChildProcess {
  const script = join(import.meta.dirname, 'orchestrator-child.ts')
  const words = ['--import', import.meta.resolve('tsx'), script, ...args]
  const orchestrator = spawn(process.execPath, words, { cwd, env, stdio: ['ignore', 'ignore', 'inherit'] })
  onTestFinished(() => killed(orchestrator))
  return orchestrator
}

async function gitsThatRead(path: string): Promise<number[]> {
  const processes = await listGitProcesses()
  if (processes === 'unknown') return []
  return processes.filter(({ places }) => places.includes(path)).map(({ pid }) => pid)
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGKILL')
  await once(child, 'exit')
}

/** A process that leads a group of its own, as our gits do, and was started by whoever is named. */
async function markedProcess(
  { host, bootId, pid, processStart }: typeof self,
  { stdio, extra }: { stdio: 'pipe' | 'ignore'; extra?: NodeJS.ProcessEnv } = { stdio: 'pipe' },
): Promise<number> {
  const mark = JSON.stringify([host, bootId, pid, processStart])
  const env = { ...process.env, ...extra, GIT_TASK_STARTED_BY: mark }
  const child = spawn('sleep', ['60'], { env, detached: true, stdio })
  await once(child, 'spawn')
  onTestFinished(() => killed(child))
  return child.pid ?? 0
}
