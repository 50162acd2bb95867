import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createUpstream } from '../../helpers/upstream.js'
import { agentCommits, agentGit, agentWrites, CHECKOUTS, failureOf, KEY, type Stage } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'
import { stateOf } from './agent-state.js'

const OTHER = { envId: 'shop', taskId: 'task-2' } as const

async function archived(strategy: string): Promise<Stage> {
  const stage = await makeWarmStage()
  const workspace = await stage.prepare({
    strategy,
    agentName: 'dev',
    identity: { name: 'Old Agent', email: 'old@example.org' },
    context: { issueTitle: 'The old title' },
    metadata: { ticket: '7' },
  })
  await agentCommits(workspace, 'committed.txt')
  await agentWrites(workspace, 'untracked.txt')
  await stage.manager.cleanup(KEY)
  return stage
}

describe.each(CHECKOUTS)('a %s', (strategy) => {
  it('goes to another task with its branch, its context and its identity', async () => {
    const stage = await archived(strategy)
    const restored = await stage.manager.restore(KEY, { taskId: OTHER.taskId })
    expect(restored.key).toEqual(OTHER)
    expect(restored.branch).toBe('agent/dev/task-1')
    expect(restored.env['TASK_ID']).toBe('task-2')
    expect(restored.session).toMatchObject({ state: 'ready', agentName: 'dev', metadata: { ticket: '7' } })
    const context = await readFile(join(restored.workDir, '.agent_context/issue_context.md'), 'utf8')
    expect(context).toContain('The old title')
    expect(await agentGit(restored, 'config', 'user.name')).toBe('Old Agent')
    await agentCommits(restored, 'more.txt')
    expect(await agentGit(restored, 'log', '-2', '--format=%s')).toBe('Add more.txt\nAdd committed.txt')
  })

  it('takes the next free branch beside a first restore, and refuses where it is not to', async () => {
    const stage = await archived(strategy)
    const first = await stage.manager.restore(KEY)
    const refused = await failureOf(stage.manager.restore(KEY, { taskId: OTHER.taskId }))
    expect(refused.code).toBe('BRANCH_TAKEN')
    const second = await stage.manager.restore(KEY, { taskId: OTHER.taskId, onBranchTaken: 'suffix' })
    expect(second.branch).toBe('agent/dev/task-1-2')
    expect(await agentGit(second, 'symbolic-ref', '--short', 'HEAD')).toBe('agent/dev/task-1-2')
    const [one, other] = [await stateOf(first), await stateOf(second)]
    expect(other.tree).toEqual(one.tree)
    expect(other.git['commit']).toBe(one.git['commit'])
    expect(other.git['status']).toBe(one.git['status'])
  })
})

it('a worktree goes to another task with a worktree that was added to a submodule', async () => {
  const stage = await makeWarmStage()
  const workspace = await stage.prepare({ strategy: 'worktree' })
  const add = ['-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', stage.upstream.path, 'sub']
  await agentGit(workspace, ...add)
  await agentGit(workspace, '-C', 'sub', 'worktree', 'add', '--quiet', '--detach', '../../wt2')
  await agentGit(workspace, '-C', '../wt2', 'commit', '--quiet', '--allow-empty', '-m', 'own')
  await stage.manager.cleanup(KEY)
  const restored = await stage.manager.restore(KEY, { taskId: OTHER.taskId })
  expect(await agentGit(restored, '-C', '../wt2', 'log', '-1', '--format=%s')).toBe('own')
  const worktrees = await agentGit(restored, '-C', 'sub', 'worktree', 'list')
  expect(worktrees).toContain(`${join(restored.rootDir, 'wt2')} `)
})

it('a restored clone is told something else where the caller says so', async () => {
  const stage = await archived('clone')
  const restored = await stage.manager.restore(KEY, {
    ...{ taskId: OTHER.taskId, runId: 'second' },
    context: { issueTitle: 'The new title' },
    identity: { name: 'New Agent', email: 'new@example.org' },
    taskFiles: { 'plan.md': '# The new plan\n' },
  })
  expect(restored.key).toEqual({ ...OTHER, runId: 'second' })
  expect(await readFile(join(restored.rootDir, 'plan.md'), 'utf8')).toBe('# The new plan\n')
  const context = await readFile(join(restored.workDir, '.agent_context/issue_context.md'), 'utf8')
  expect(context).toContain('The new title')
  expect(context).not.toContain('The old title')
  expect(await agentGit(restored, 'config', 'user.name')).toBe('New Agent')
})

it('a restore is refused where the task has a workspace, or there is no such archive', async () => {
  const stage = await archived('worktree')
  await stage.prepare({ strategy: 'worktree', taskId: OTHER.taskId })
  const taken = await failureOf(stage.manager.restore(KEY, { taskId: OTHER.taskId }))
  expect(taken).toMatchObject({ code: 'SESSION_TAKEN', hint: expect.stringMatching(/^Clean up/) })
  const missing = [
    { target: { envId: 'nowhere', taskId: 'task-1' }, field: 'envId' },
    { target: OTHER, field: 'taskId' },
    { target: { ...KEY, runId: 'none' }, field: 'runId' },
    { target: { envId: 'shop', archiveId: 'task-1.20200101T000000Z-0000' }, field: 'archiveId' },
  ]
  for (const { target, field } of missing) {
    const failure = await failureOf(stage.manager.restore(target))
    expect(failure).toMatchObject({ code: 'WORKSPACE_MISSING', data: { field } })
  }
  const odd = await failureOf(stage.manager.restore({ envId: 'shop', archiveId: '../../x' }))
  expect(odd.code).toBe('OPTIONS_INVALID')
})

it('a file that would leave its folder is refused before anything is made', async () => {
  const stage = await archived('clone')
  for (const files of [{ taskFiles: { '../plan.md': '' } }, { context: { files: { '/etc/plan.md': '' } } }]) {
    const failure = await failureOf(stage.manager.restore(KEY, files))
    expect(failure.code).toBe('PATH_OUTSIDE_ROOT')
    expect(await stage.manager.list()).toEqual([])
  }
})

it('a submodule of a clone works there as well', async () => {
  const stage = await makeWarmStage()
  const workspace = await stage.prepare({ strategy: 'clone' })
  const library = await createUpstream(join(stage.directory, 'library.git'))
  const allow = ['-c', 'protocol.file.allow=always']
  await agentGit(workspace, ...allow, 'submodule', '--quiet', 'add', library.url, 'libs/library')
  await agentGit(workspace, 'commit', '--quiet', '-m', 'Add the library')
  await agentWrites(workspace, 'libs/library/own.txt')
  await stage.manager.cleanup(KEY)
  const restored = await stage.manager.restore(KEY, { taskId: OTHER.taskId })
  expect(await agentGit(restored, 'status', '--porcelain')).toBe(' M libs/library')
  expect(await agentGit(restored, '-C', 'libs/library', 'status', '--porcelain')).toBe('?? own.txt')
  expect(await agentGit(restored, '-C', 'libs/library', 'rev-parse', '--show-toplevel')).toBe(
    join(restored.workDir, 'libs/library'),
  )
})

it('changes nothing where a pointer of an agent leads, in its task by a link or by dots', async () => {
  const { root, manager, prepare } = await makeWarmStage()
  const workspace = await prepare({ strategy: 'clone' })
  const { rootDir, workDir } = workspace
  const outside = join(root, 'elsewhere/worktrees/x')
  await mkdir(outside, { recursive: true })
  const content = `${join(rootDir, 'gone/.git')}\n`
  await writeFile(join(outside, 'gitdir'), content)
  await symlink(join(root, 'elsewhere'), join(workDir, 'link'))
  const entries = [join(workDir, 'link/worktrees/x'), `${rootDir}/${relative(rootDir, outside)}`]
  for (const [at, entry] of entries.entries()) {
    await mkdir(join(workDir, `sub-${at}`))
    await agentWrites(workspace, `sub-${at}/.git`, `gitdir: ${entry}\n`)
  }
  await manager.cleanup(KEY)
  const other = await manager.restore(KEY, { taskId: OTHER.taskId })
  expect(await readFile(join(other.workDir, 'sub-0/.git'), 'utf8')).toContain('link/worktrees/x')
  expect(await readFile(join(outside, 'gitdir'), 'utf8')).toBe(content)
})
