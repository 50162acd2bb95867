import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { currentProcess } from '../../../src/fs/process-identity.js'
import type { ProcessEntry } from '../../../src/fs/process-table.js'
import { endOrphans } from '../../../src/git/orphans.js'

const HOST = vi.hoisted(() => `test-${process.pid}`)
const altered = vi.hoisted(() => new Map<number, (entry: ProcessEntry) => ProcessEntry>())

// Other tests end orphans at the same time; to them these are on another host.
vi.mock('node:os', async (original) => ({ ...(await original<object>()), hostname: () => HOST }))
vi.mock('../../../src/fs/process-table.js', async (original) => {
  const table = await original<typeof import('../../../src/fs/process-table.js')>()
  const lookUpProcess = (pid: number) => {
    const entry = table.lookUpProcess(pid)
    return altered.get(pid)?.(entry) ?? entry
  }
  return { ...table, lookUpProcess }
})

afterEach(() => {
  vi.restoreAllMocks()
  altered.clear()
})

describe.runIf(process.platform === 'linux')('an orphan', () => {
  it('whose id belongs to another process by now is not killed', async () => {
    const { pid, child } = await orphan()
    let looks = 0
    altered.set(pid, (entry) => ({ ...entry, start: looks++ === 0 ? entry.start : 'later' }))
    expect(await endOrphans()).toBe(0)
    expect(child.signalCode).toBeNull()
    expect(looks).toBeGreaterThan(1)
  })

  it('that belongs to another user by now is let be', async () => {
    const { child } = await orphan()
    refuseKills('EPERM')
    expect(await endOrphans()).toBe(0)
    expect(child.signalCode).toBeNull()
  })

  it('that ended by itself is none that was ended', async () => {
    await orphan()
    refuseKills('ESRCH')
    expect(await endOrphans()).toBe(0)
  })

  it('that cannot be ended is not waited for without end', async () => {
    await orphan()
    ignoreKills()
    const start = performance.now()
    let seconds = 0
    vi.spyOn(performance, 'now').mockImplementation(() => start + 1_000 * seconds++)
    expect(await endOrphans()).toBe(0)
  })
})

async function orphan() {
  const { bootId, pid } = currentProcess()
  const env = { ...process.env, GIT_TASK_STARTED_BY: JSON.stringify([HOST, bootId, pid, '1']) }
  const child = spawn('sleep', ['60'], { env, detached: true })
  await once(child, 'spawn')
  onTestFinished(async () => {
    vi.restoreAllMocks()
    if (child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  return { child, pid: child.pid ?? 0 }
}

const trueKill = process.kill.bind(process)

function ignoreKills(): void {
  vi.spyOn(process, 'kill').mockImplementation((pid, signal) => signal === 'SIGKILL' || trueKill(pid, signal))
}

function refuseKills(code: string): void {
  vi.spyOn(process, 'kill').mockImplementation((pid, signal) => {
    if (signal === 'SIGKILL') throw Object.assign(new Error(`kill ${code}`), { code, syscall: 'kill' })
    return trueKill(pid, signal)
  })
}
