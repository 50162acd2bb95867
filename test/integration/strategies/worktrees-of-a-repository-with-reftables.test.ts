import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { Git } from '../../../src/git/git.js'
import { createBranch, deleteBranch } from '../../../src/strategies/branch.js'
import { madeBy } from '../../../src/strategies/branch-reflog.js'
import { knowsReftables } from '../../helpers/reftables.js'
import { git } from '../../helpers/run-git.js'
import { agentCommits, agentGit, agentWrites, failureOf, KEY, makeStage } from '../verbs/stage.js'

async function stageWithTables() {
  const stage = await makeStage({}, { bare: false, name: 'own', files: { 'a.txt': 'a\n' } })
  const { path } = stage.upstream
  await git(path, 'refs', 'migrate', '--ref-format=reftable')
  const request = { ...KEY, source: path, strategy: 'worktree' } as const
  return { ...stage, path, request, prepare: () => stage.manager.prepare(request) }
}

describe.runIf(await knowsReftables())('where the installed git knows reftables (2.45)', () => {
  test('a worktree is made, brought up to date, and taken away', async () => {
    const { path, prepare, upstream } = await stageWithTables()
    const workspace = await prepare()
    const listed = await git(path, 'worktree', 'list', '--porcelain')
    expect(listed).toContain(`worktree ${workspace.workDir}\n`)
    expect(listed).toContain(`branch refs/heads/${workspace.branch}`)
    expect(listed).toContain('locked')
    expect(await agentGit(workspace, 'status', '--porcelain')).toBe('')
    const newer = await upstream.commit('main', { 'b.txt': 'b\n' })
    expect(await workspace.refresh()).toMatchObject({ action: 'updated', after: newer })
    expect(await agentGit(workspace, 'rev-parse', 'HEAD', workspace.branch ?? '')).toBe(`${newer}\n${newer}`)
    expect(await agentGit(workspace, 'status', '--porcelain')).toBe('')
    expect(await workspace.cleanup()).toMatchObject({ action: 'removed', branch: { deleted: true } })
    expect(await git(path, 'worktree', 'list')).not.toContain(workspace.workDir)
    expect(await git(path, 'for-each-ref', '--format=%(refname)')).toBe('refs/heads/main')
    await git(path, 'refs', 'verify', '--strict')
  })

  test('what the agent did is refreshed over only where nothing of it is lost', async () => {
    const { prepare, upstream } = await stageWithTables()
    const workspace = await prepare()
    await agentCommits(workspace, 'work.txt')
    await upstream.commit('main', { 'b.txt': 'b\n' })
    expect(await failureOf(workspace.refresh())).toMatchObject({ code: 'NOT_FAST_FORWARD' })
    expect(await workspace.refresh({ mode: 'rebase' })).toMatchObject({ action: 'updated' })
    expect(await agentGit(workspace, 'log', '--format=%s', '-2')).toBe('Add work.txt\nChange main')
  })

  test('a branch that is there, or in the way, is taken', async () => {
    const { path, prepare, manager, request } = await stageWithTables()
    await git(path, 'branch', 'agent/default/task-1/deeper')
    expect(await failureOf(prepare())).toMatchObject({ code: 'BRANCH_TAKEN' })
    await git(path, 'branch', 'mine')
    const named = manager.prepare({ ...request, branch: 'mine' })
    expect(await failureOf(named)).toMatchObject({ code: 'BRANCH_TAKEN' })
    expect(await git(path, 'worktree', 'list')).not.toContain('task-1')
  })

  test('an archive comes back under another name, with HEAD and its reflog', async () => {
    const { path, prepare, manager } = await stageWithTables()
    const workspace = await prepare()
    const lost = await agentCommits(workspace, 'lost.txt')
    await agentGit(workspace, 'reset', '--quiet', '--hard', 'HEAD~1')
    await agentWrites(workspace, 'untracked.txt')
    await manager.cleanup(KEY)
    await git(path, 'reflog', 'expire', '--expire=now', '--all')
    const { branch = '' } = workspace
    await git(path, 'branch', '--force', branch, await git(path, 'commit-tree', '-m', 'Other', 'main^{tree}'))
    const restored = await manager.restore(KEY, { taskId: 'other', onBranchTaken: 'suffix' })
    expect(await agentGit(restored, 'symbolic-ref', 'HEAD')).toBe(`refs/heads/${restored.branch}`)
    expect(restored.branch).toBe(`${branch}-2`)
    expect(await agentGit(restored, 'rev-parse', 'ORIG_HEAD')).toBe(lost)
    expect(await agentGit(restored, 'reflog', '--format=%H')).toContain(lost)
    expect(await agentGit(restored, 'status', '--porcelain')).toBe('?? untracked.txt')
    expect(await failureOf(restored.cleanup({ onUnsavedWork: 'refuse' }))).toMatchObject({
      data: { commits: [lost] },
    })
  })

  test('an archive does not come back where refs are stored otherwise by now', async () => {
    const { path, prepare, manager } = await stageWithTables()
    await agentWrites(await prepare(), 'untracked.txt')
    await manager.cleanup(KEY)
    await git(path, 'refs', 'migrate', '--ref-format=files')
    expect(await failureOf(manager.restore(KEY))).toMatchObject({
      code: 'SOURCE_INVALID',
      data: { archived: 'reftable', refStorage: 'files' },
    })
    await git(path, 'refs', 'migrate', '--ref-format=reftable')
    const restored = await manager.restore(KEY)
    expect(await agentGit(restored, 'status', '--porcelain')).toBe('?? untracked.txt')
  })

  test('a branch is known by its reflog until something happens to it', async () => {
    const { path, upstream } = await stageWithTables()
    const commit = await upstream.head()
    const at = { gitDir: join(path, '.git'), branch: 'agent/made', commit }
    const door = new Git({ gitTimeoutMs: 60_000 })
    await createBranch(door, { ...at, key: KEY })
    expect(await madeBy(at, KEY)).toBe('us')
    expect(await madeBy(at, { ...KEY, taskId: 'other' })).toBe('others')
    await git(
      path,
      'branch',
      '--force',
      at.branch,
      await git(path, 'commit-tree', '-m', 'Other', 'main^{tree}'),
    )
    expect(await madeBy(at, KEY)).toBe('us, and moved since')
    expect(await deleteBranch(door, at)).toBe('kept')
    expect(await madeBy({ ...at, branch: 'none' }, KEY)).toBe('unknown')
  })

  test('tables that cannot be read keep the workspace', async () => {
    const { prepare } = await stageWithTables()
    const workspace = await prepare()
    const entry = await agentGit(workspace, 'rev-parse', '--absolute-git-dir')
    await writeFile(join(entry, 'reftable/tables.list'), '0x000000000001-0x000000000001-00000000.ref\n')
    expect(await failureOf(workspace.cleanup({ onUnsavedWork: 'refuse' }))).toMatchObject({
      code: 'UNSAVED_WORK',
      data: { unknown: [expect.stringContaining('TAMPERED')] },
    })
  })
})

test.each(['reftable', 'odd'])('a ref storage "%s" that this git does not know is refused', async (name) => {
  const stage = await makeStage({}, { bare: false, name: 'own' })
  const { path } = stage.upstream
  if (name === 'reftable' && (await knowsReftables())) return
  await mkdir(join(path, '.git/reftable'))
  await writeFile(
    join(path, '.git/config'),
    `[core]\n\trepositoryformatversion = 1\n[extensions]\n\trefstorage = ${name}\n`,
  )
  const prepared = stage.manager.prepare({ ...KEY, source: path, strategy: 'worktree' })
  expect(await failureOf(prepared)).toMatchObject({
    code: 'SOURCE_INVALID',
    message: 'worktrees of a repository with this ref storage are not supported',
  })
})
