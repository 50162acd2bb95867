import { execFile } from 'node:child_process'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { WorkspaceManager } from 'git-task-isolation'
import { describe, expect, it } from 'vitest'
import { emptiedTrash } from '../helpers/emptied-trash.js'
import { gitTask as programInProcess } from '../helpers/run-git-task.js'
import { temporaryDirectory } from '../helpers/temporary.js'
import { createUpstream } from '../helpers/upstream.js'

const PROGRAM = join(import.meta.dirname, '../../dist/cli/main.js')

interface Answer {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function gitTask(...args: readonly string[]): Promise<Answer> {
  return new Promise((resolve) => {
    execFile(process.execPath, [PROGRAM, ...args], (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr })
    })
  })
}

/** What a command finds: a start of the program less. */
async function prepared(root: string, task: { taskId: string; runId?: string }): Promise<void> {
  const manager = new WorkspaceManager({ root })
  await manager.prepare({ envId: 'shop', ...task })
  await manager.close()
}

describe('git-task', () => {
  it('prepares a workspace, finds it again, and lists it', async () => {
    const directory = await temporaryDirectory()
    const { url } = await createUpstream(join(directory, 'upstream.git'))
    const root = join(directory, 'root')
    const prepare = ['--root', root, 'prepare', 'shop', 'task-1', '--source', url, '--agent', 'Back End']
    const first = await gitTask(...prepare)
    expect(first).toMatchObject({ code: 0, stderr: '' })
    expect(first.stdout).toContain('branch  agent/Back-End/task-1')
    const again = await gitTask(...prepare, '--json')
    expect(JSON.parse(again.stdout)).toMatchObject({ reused: true, key: { envId: 'shop', taskId: 'task-1' } })
    expect((await gitTask('list', '--root', root)).stdout).toMatch(
      /shop\s+task-1\s+-\s+Back End\s+clone\s+ready/,
    )
    const listed = JSON.parse((await gitTask('list', 'shop', '--root', root, '--json')).stdout)
    expect(listed).toMatchObject([{ taskId: 'task-1', state: 'ready' }])
  })

  it('sweeps, and says what is amiss', async () => {
    const root = await temporaryDirectory()
    await prepared(root, { taskId: 'task-1' })
    const trash = join(root, 'managed-repos/shop/.git-task/trash/task-9')
    await mkdir(trash, { recursive: true })
    const looked = await gitTask('--root', root, 'doctor')
    expect(looked).toMatchObject({ code: 1, stderr: '' })
    expect(looked.stdout).toMatch(
      /problem\s+leftovers\s+shop task-9: it was removed earlier.*\n\s+git-task --root \S+ doctor --fix\n/,
    )
    expect(looked.stdout).toMatch(/1 problem is left\.\n$/)
    const planned = await gitTask('--root', root, 'sweep', 'shop', '--dry-run')
    expect(planned.stdout).toMatch(/1 to be removed, 1 kept, 0 failed\n$/)
    expect(await readdir(join(trash, '..'))).toEqual(['task-9'])
    const swept = await gitTask('--root', root, 'sweep', '--json')
    expect(JSON.parse(swept.stdout)).toMatchObject({ removed: 1, kept: 1, failed: 0 })
    const mended = await gitTask('--root', root, 'doctor', '--fix')
    expect(mended).toMatchObject({ code: 0, stderr: '' })
    expect(mended.stdout).toMatch(/Nothing is amiss\.\n$/)
  })

  it('ends with 1 for a sweep in which something could not be removed', async () => {
    const root = await temporaryDirectory()
    await prepared(root, { taskId: 'task-1' })
    const manager = join(root, 'managed-repos/shop/.git-task')
    await mkdir(join(manager, 'trash/task-9'), { recursive: true })
    await writeFile(join(manager, 'locks/session-task-9.lock'), 'no lock at all')
    const swept = await gitTask('--root', root, 'sweep')
    expect(swept.code).toBe(1)
    expect(swept.stdout).toMatch(/failed\s+trash\s+shop task-9\s+the lock .* is not a directory/)
    expect((await gitTask('--root', root, 'doctor', '--fix')).code).toBe(1)
  })

  it('cleans up one workspace, says what it did, and finds nothing the second time', async () => {
    const root = await temporaryDirectory()
    const at = ['--root', root]
    await prepared(root, { taskId: 'task-1', runId: 'r1' })
    await writeFile(join(root, 'managed-repos/shop/tasks/task-1@r1/workdir/work.txt'), 'work\n')
    const cleanup = ['cleanup', 'shop', 'task-1', '--run', 'r1', '--on-unsaved-work']
    const refused = await gitTask(...at, ...cleanup, 'refuse')
    expect(refused).toMatchObject({ code: 1, stdout: '' })
    expect(refused.stderr).toContain('UNSAVED_WORK')
    const done = await gitTask(...at, ...cleanup, 'discard', '--outcome', 'succeeded')
    expect(done).toMatchObject({ code: 0, stderr: '' })
    expect(done.stdout).toMatch(/removed\s+task-1\s+r1\s+[\d.]+ kB\s+-\s+removed/)
    const again = await gitTask(...at, '--json', ...cleanup, 'discard')
    expect(JSON.parse(again.stdout)).toMatchObject({ action: 'absent', key: { runId: 'r1' } })
    // It is deleted by the time the program ends, or by a process that goes on.
    expect(await emptiedTrash(join(root, 'managed-repos/shop/.git-task/trash'))).toEqual([])
  })

  it('cleans up a whole environment only where that is said twice, and tells what failed', async () => {
    const root = await temporaryDirectory()
    const at = ['--root', root]
    for (const taskId of ['task-1', 'task-2']) await prepared(root, { taskId })
    await writeFile(join(root, 'managed-repos/shop/tasks/task-1/workdir/work.txt'), 'work\n')
    const asked = await gitTask(...at, 'cleanup', 'shop', '--all')
    expect(asked).toMatchObject({ code: 2, stdout: '' })
    expect(asked.stderr).toContain('--yes')
    const refusing = ['cleanup', 'shop', '--all', '--yes', '--on-unsaved-work', 'refuse']
    const done = await gitTask(...at, '--json', ...refusing)
    expect(done.code).toBe(1)
    expect(JSON.parse(done.stdout)).toMatchObject([
      { key: { taskId: 'task-1' }, action: 'kept', error: 'UNSAVED_WORK' },
      { key: { taskId: 'task-2' }, action: 'removed' },
    ])
    const kept = await gitTask(...at, 'cleanup', 'shop', '--all', '--yes', '--on-unsaved-work', 'discard')
    expect(kept.code).toBe(0)
    expect((await gitTask(...at, 'cleanup', 'shop', '--all', '--yes')).stdout).toBe('No sessions.\n')
  })

  it('ends with 1 for what did not work, as JSON where JSON was asked for', async () => {
    const root = await temporaryDirectory()
    const source = 'http://127.0.0.1:1/nobody.git'
    const answer = await gitTask('--root', root, '--json', 'prepare', 'shop', 'task', '--source', source)
    expect(answer.code).toBe(1)
    expect(JSON.parse(answer.stderr)).toMatchObject({ error: { code: 'GIT_NETWORK', retryable: true } })
  })

  it('says that a root cannot be made', async () => {
    const answer = await programInProcess('--root', '/proc/nope', 'prepare', 'shop', 'task')
    expect(answer.code).toBe(2)
    expect(answer.stderr).toContain('the root cannot be made')
  })
})
