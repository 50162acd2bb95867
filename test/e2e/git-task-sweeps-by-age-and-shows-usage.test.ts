import { execFile } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { WorkspaceManager } from 'git-task-isolation'
import { expect, it } from 'vitest'
import { temporaryDirectory } from '../helpers/temporary.js'

const PROGRAM = join(import.meta.dirname, '../../dist/cli/main.js')

interface Answer {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

function gitTask(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Answer> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [PROGRAM, ...args],
      { env: { ...process.env, ...env } },
      (error, stdout, stderr) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr }),
    )
  })
}

/** A root with a finished and a failed task, both without a repository. */
async function rootWithTasks(): Promise<string> {
  const root = await temporaryDirectory()
  const manager = new WorkspaceManager({ root })
  for (const [taskId, outcome] of [
    ['done', 'succeeded'],
    ['broken', 'failed'],
  ] as const) {
    const workspace = await manager.prepare({ envId: 'shop', taskId })
    await writeFile(join(workspace.outputDir, 'result'), Buffer.alloc(2_000_000, 1))
    await workspace.finish(outcome)
  }
  await manager.close()
  return root
}

it('keeps what is young, and removes what is old by the flags', async () => {
  const root = await rootWithTasks()
  const young = await gitTask(['--root', root, 'sweep'])
  expect(young).toMatchObject({ code: 0, stderr: '' })
  expect(young.stdout).toMatch(/keep\s+workspace\s+shop done\s+finished .+ ago, and kept for 7 days/)
  const flags = ['--max-age-days', '0', '--failed-max-age-days', '1']
  const planned = await gitTask(['--root', root, 'sweep', 'shop', '--dry-run', ...flags])
  expect(planned.stdout).toMatch(/remove\s+workspace\s+shop done\s+finished .+ ago, older than 0 days/)
  expect(planned.stdout).toMatch(/1 to be removed, 1 kept, 0 failed\n$/)
  const swept = await gitTask(['--root', root, 'sweep', 'shop', ...flags, '--json'])
  expect(JSON.parse(swept.stdout)).toMatchObject({ removed: 1, kept: 1, failed: 0 })
  const rest = await gitTask(['--root', root, 'sweep', '--max-age-days', '0', '--no-keep-failed'])
  expect(rest.stdout).toMatch(/1 removed, 0 kept, 0 failed(, .+ freed)?\n$/)
  expect((await gitTask(['--root', root, 'list'])).stdout).toBe('No sessions.\n')
})

it('goes by the ages that environment variables name', async () => {
  const root = await rootWithTasks()
  const ages = { AGENTS_RUNNER_CLEANUP_AGE_DAYS: '0', AGENTS_RUNNER_KEEP_FAILED_TASKS: 'true' }
  const failed = { GIT_TASK_FAILED_AGE_DAYS: '3' }
  const kept = await gitTask(['--root', root, 'sweep', '--dry-run'], { ...ages, ...failed })
  expect(kept.stdout).toMatch(/keep\s+workspace\s+shop broken\s+failed .+ ago, and kept for 3 days/)
  expect(kept.stdout).toMatch(/1 to be removed, 1 kept, 0 failed\n$/)
  const plain = await gitTask(['--root', root, 'sweep', '--dry-run'], ages)
  expect(plain.stdout).toMatch(/2 to be removed, 0 kept, 0 failed\n$/)
})

it('shows what is taken by each, for people and for programs', async () => {
  const root = await rootWithTasks()
  const trash = join(root, 'managed-repos/shop/.git-task/trash/gone')
  await mkdir(trash, { recursive: true })
  await writeFile(join(trash, 'file'), Buffer.alloc(1_000_000, 1))
  const { code, stdout, stderr } = await gitTask(['--root', root, 'usage'])
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/shop\s+done\s+2\.\d+ MB\s+█{28,30}/)
  expect(stdout).toMatch(/shop\s+\(mirror\)\s+0 B\s/)
  expect(stdout).toMatch(/shop\s+\(trash\)\s+1(\.\d+)? MB\s+█{13,17}/)
  expect(stdout).toMatch(/shop\s+together\s+5\.\d+ MB/)
  const json = await gitTask(['--root', root, 'usage', 'shop', '--json'])
  const report = JSON.parse(json.stdout)
  expect(report.environments[0].workspaces).toHaveLength(2)
  expect(report.totalBytes).toBe(report.environments[0].totalBytes)
  expect((await gitTask(['--root', root, 'usage', 'nowhere'])).stdout).toBe('There is nothing yet.\n')
})
