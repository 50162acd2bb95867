import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { WorkspaceManager } from 'git-task-isolation'
import { expect, it } from 'vitest'
import { type ProgramResult, repositoryRoot, runProgram } from '../helpers/run-program.js'
import { temporaryDirectory } from '../helpers/temporary.js'
import { createUpstream } from '../helpers/upstream.js'

const PROGRAM = join(repositoryRoot, 'dist/cli/main.js')

function gitTask(root: string, ...args: readonly string[]): Promise<ProgramResult> {
  return runProgram(process.execPath, [PROGRAM, ...args], { env: { GIT_TASK_ROOT: root } })
}

it('shows one workspace, where it is, what became of it, and what is left', async () => {
  const directory = await temporaryDirectory()
  const upstream = await createUpstream(join(directory, 'upstream.git'))
  const root = join(directory, 'root')
  const manager = new WorkspaceManager({ root })
  const metadata = { ticket: 'red\u001b[31m' }
  const source = upstream.url
  const { rootDir, workDir } = await manager.prepare({ envId: 'shop', taskId: 'task-1', source, metadata })
  await manager.close()

  const shown = await gitTask(root, 'show', 'shop', 'task-1')
  expect([shown.code, shown.stderr]).toEqual([0, ''])
  expect(shown.stdout).toMatch(/^state +ready$/m)
  expect(shown.stdout).toMatch(new RegExp(`^checkout +${workDir}$`, 'm'))
  expect(shown.stdout).toMatch(/^owner +process \d+ on .+, alive$/m)
  expect(shown.stdout).toMatch(/^ticket +red\\x1b\[31m$/m)

  expect((await gitTask(root, 'path', 'shop', 'task-1')).stdout).toBe(`${rootDir}\n`)
  const checkout = await gitTask(root, 'path', 'shop', 'task-1', '--work-dir', '--json')
  expect(JSON.parse(checkout.stdout)).toEqual({ path: workDir })

  const head = await upstream.commit('main', { 'new.txt': 'new\n' })
  const refreshed = await gitTask(root, 'refresh', 'shop', 'task-1', '--mode', 'rebase')
  expect(refreshed).toMatchObject({ code: 0, stderr: '' })
  expect(refreshed.stdout).toContain(`after   ${head.slice(0, 12)}`)
  const again = await gitTask(root, '--json', 'refresh', 'shop', 'task-1')
  expect(JSON.parse(again.stdout)).toMatchObject({ action: 'up-to-date', mode: 'fast-forward', after: head })

  const finished = await gitTask(root, 'finish', 'shop', 'task-1', 'failed')
  expect(finished).toMatchObject({ code: 0, stdout: `Finished ${workDir}\n  outcome failed\n` })
  await rm(workDir, { recursive: true })
  const left = JSON.parse((await gitTask(root, 'show', 'shop', 'task-1', '--json')).stdout)
  expect(left).toMatchObject({
    usable: false,
    session: { state: 'finished', outcome: 'failed', checkout: 'absent' },
  })

  const none = await gitTask(root, 'env', 'shop', 'task-1')
  expect(none).toMatchObject({ code: 1, stdout: '' })
  expect(none.stderr).toContain('WORKSPACE_MISSING')
  expect(none.stderr).toContain('git task list shop')
})
