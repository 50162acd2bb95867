import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { WorkspaceManager } from 'git-task-isolation'
import { expect, it } from 'vitest'
import { runProgram } from '../helpers/run-program.js'
import { temporaryDirectory } from '../helpers/temporary.js'
import { manyWorkspaces } from './many-workspaces.js'
import { CTRL_C, CTRL_D, hasTerminals, linesOf, onTerminal, PROGRAM } from './terminal.js'

async function rootWithTasks(): Promise<{ root: string; tasks: () => Promise<string[]> }> {
  const root = join(await temporaryDirectory(), 'root')
  await manyWorkspaces(root, { number: 2, agentName: 'coder' })
  const folder = join(root, 'managed-repos/shop/tasks')
  await writeFile(join(folder, 'task-1/workdir/work.txt'), 'work\n')
  return { root, tasks: async () => (await readdir(folder)).sort() }
}

async function withManager(root: string, act: (manager: WorkspaceManager) => Promise<void>): Promise<void> {
  const manager = new WorkspaceManager({ root })
  await act(manager)
  await manager.close()
}

it.runIf(hasTerminals)('a cleanup of all lists what goes, and takes nothing else at a yes', async () => {
  const { root, tasks } = await rootWithTasks()
  const cleanup = ['--root', root, 'cleanup', 'shop', '--all']
  const question = 'Remove 2 workspaces of shop? [y/N]'
  for (const { keys, code, says } of [
    { keys: 'n\r', code: 1, says: 'nothing was removed (ABORTED)' },
    { keys: CTRL_D, code: 1, says: 'nothing was removed (ABORTED)' },
    { keys: CTRL_C, code: 130, says: 'stopped by SIGINT (ABORTED)' },
  ]) {
    const answer = await onTerminal(cleanup, { type: { after: question, keys } })
    expect(answer.code).toBe(code)
    expect(linesOf(answer.shown).join('\n')).toContain(says)
    expect(await tasks()).toEqual(['task-0', 'task-1'])
  }
  const again = { envId: 'shop', taskId: 'task-0' }
  const meanwhile = () =>
    withManager(root, async (manager) => {
      await manager.cleanup(again)
      await manager.prepare(again)
      await manager.prepare({ envId: 'shop', taskId: 'newcomer' })
    })
  const done = await onTerminal(cleanup, { type: { after: question, keys: 'y\r', meanwhile } })
  expect(done.code).toBe(0)
  const lines = linesOf(done.shown)
  expect(lines).toContainEqual(expect.stringMatching(/^remove +task-0 +- +it goes$/))
  expect(lines).toContainEqual(
    expect.stringMatching(/^remove +task-1 +1 change +it goes; its unsaved work is archived$/),
  )
  expect(lines).toContainEqual(expect.stringMatching(/^removed +task-1 .+ removed$/))
  expect(lines).toContainEqual(expect.stringMatching(/^absent +task-0 .+ there is no such workspace$/))
  expect(await tasks()).toEqual(['newcomer', 'task-0'])
})

it.runIf(hasTerminals)(
  'a sweep asks about what goes, --yes does not, and neither does a sweep that removes nothing',
  async () => {
    const { root, tasks } = await rootWithTasks()
    const sweep = ['--root', root, 'sweep', '--max-age-days', '0']
    const question = { after: 'Remove these 2? [y/N]', keys: '\r' }
    expect((await onTerminal(sweep, { type: question })).code).toBe(1)
    expect(await tasks()).toEqual(['task-0', 'task-1'])
    const unseen = await onTerminal(sweep, { stderr: '/dev/null' })
    expect(unseen.code).toBe(2)
    const anew = { envId: 'shop', taskId: 'task-0' }
    const meanwhile = () =>
      withManager(root, async (manager) => {
        await manager.cleanup(anew)
        await (await manager.prepare(anew)).finish('succeeded')
      })
    const late = await onTerminal(sweep, { type: { ...question, keys: 'y\r', meanwhile } })
    expect(late.code).toBe(1)
    expect(linesOf(late.shown).join('\n')).toContain(
      'nothing was removed: shop task-0 would go as well by now',
    )
    expect(await tasks()).toEqual(['task-0', 'task-1'])
    const kept = await onTerminal(['--root', root, 'sweep'])
    expect(kept.shown).toContain('0 removed, 2 kept, 0 failed')
    const swept = await onTerminal([...sweep, '--yes'])
    expect(swept.code).toBe(0)
    expect(swept.shown).toContain('2 removed, 0 kept, 0 failed')
    expect(await tasks()).toEqual([])
  },
)

it('without a terminal a cleanup of all needs --yes, and a sweep goes on', async () => {
  const { root, tasks } = await rootWithTasks()
  const run = (...args: readonly string[]) => runProgram(process.execPath, [PROGRAM, '--root', root, ...args])
  const refused = await run('cleanup', 'shop', '--all')
  expect(refused).toMatchObject({ code: 2, stdout: '' })
  expect(refused.stderr).toContain('add --yes')
  const planned = await run('cleanup', 'shop', '--all', '--dry-run', '--json')
  expect(JSON.parse(planned.stdout)).toMatchObject([
    { action: 'removed', key: { taskId: 'task-0' } },
    { action: 'removed', unsavedWork: { counts: { untracked: 1 } } },
  ])
  expect(await tasks()).toEqual(['task-0', 'task-1'])
  await mkdir(join(root, 'managed-repos/shop/.git-task/trash/task-9'), { recursive: true })
  const swept = await run('sweep', '--max-age-days', '0')
  expect(swept).toMatchObject({ code: 0, stderr: '' })
  expect(swept.stdout).toMatch(/3 removed, 0 kept, 0 failed/)
})
