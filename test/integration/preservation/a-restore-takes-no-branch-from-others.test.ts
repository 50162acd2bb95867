import type { Workspace } from 'git-task-isolation'
import { describe, expect, it } from 'vitest'
import { agentCommits, agentGit, agentWrites, failureOf, KEY, makeStage, type Stage } from '../verbs/stage.js'

const OTHER = { envId: 'shop', taskId: 'task-2' } as const
const BRANCH = 'agent/default/task-1'

/** A stage, and what each workspace is made from: the mirror, or the caller's own repository. */
const REPOSITORIES = ['the mirror', "the caller's repository"] as const

async function stageOf(repository: (typeof REPOSITORIES)[number]) {
  const isCallers = repository !== 'the mirror'
  const stage = await makeStage({}, { bare: !isCallers, name: 'upstream' })
  const prepare = (request: object = {}): Promise<Workspace> =>
    stage.prepare({ strategy: 'worktree', ...(isCallers ? { source: stage.upstream.path } : {}), ...request })
  const gitDir = isCallers ? `${stage.upstream.path}/.git` : stage.layout.mirrorDir
  return { stage, prepare, gitDir }
}

function warningsOf({ manager }: Stage): string[] {
  const warnings: string[] = []
  manager.on('warning', ({ code, message }) => void (code === 'RESTORED_ELSEWHERE' && warnings.push(message)))
  return warnings
}

describe.each(REPOSITORIES)('of %s', (repository) => {
  it('the branch of a living task stays, though nobody has it checked out', async () => {
    const { stage, prepare } = await stageOf(repository)
    const first = await prepare()
    await agentCommits(first, 'work.txt')
    await agentWrites(first, 'left.txt')
    await stage.manager.cleanup(KEY)
    const living = await stage.manager.restore(KEY)
    const commit = await agentGit(living, 'rev-parse', 'HEAD')
    await agentGit(living, 'checkout', '--quiet', '--detach')

    const taken = await failureOf(stage.manager.restore(KEY, { taskId: OTHER.taskId }))
    expect(taken.code).toBe('BRANCH_TAKEN')
    const other = await stage.manager.restore(KEY, { taskId: OTHER.taskId, onBranchTaken: 'suffix' })
    expect(other.branch).toBe(`${BRANCH}-2`)
    await agentGit(living, 'checkout', '--quiet', BRANCH)
    expect(await agentGit(living, 'rev-parse', BRANCH)).toBe(commit)
  })
})

it("of the caller's repository: an unfinished rebase goes on with the branch that the restored task has now", async () => {
  const { stage, prepare } = await stageOf("the caller's repository")
  const workspace = await prepare()
  await agentCommits(workspace, 'README.md', 'ours\n')
  await agentGit(workspace, 'branch', 'mine-alone', 'HEAD~1')
  await agentGit(workspace, 'checkout', '--quiet', 'mine-alone')
  await agentCommits(workspace, 'README.md', 'theirs\n')
  await agentGit(workspace, 'checkout', '--quiet', BRANCH)
  await expect(agentGit(workspace, 'rebase', '--quiet', 'mine-alone')).rejects.toThrow()
  await stage.manager.cleanup(KEY)
  await prepare()
  const restored = await stage.manager.restore(KEY, { taskId: OTHER.taskId, onBranchTaken: 'suffix' })
  await agentWrites(restored, 'README.md', 'both\n')
  await agentGit(restored, 'add', 'README.md')
  await agentGit(restored, '-c', 'core.editor=true', 'rebase', '--continue')
  expect(await agentGit(restored, 'symbolic-ref', '--short', 'HEAD')).toBe(restored.branch)
  expect(await agentGit(restored, 'rev-parse', `${BRANCH}^{commit}`)).not.toBe(
    await agentGit(restored, 'rev-parse', 'HEAD'),
  )
})

it('of the mirror: HEAD is detached where its branch has gone on with somebody else', async () => {
  const { stage, prepare } = await stageOf('the mirror')
  const workspace = await prepare()
  await agentGit(workspace, 'checkout', '--quiet', '-b', 'feature')
  await agentCommits(workspace, 'work.txt')
  await agentWrites(workspace, 'left.txt')
  await stage.manager.cleanup(KEY)
  const restoredOnce = await stage.manager.restore(KEY)
  expect(await agentGit(restoredOnce, 'symbolic-ref', '--short', 'HEAD')).toBe('feature')
  const warnings = warningsOf(stage)
  const twice = await stage.manager.restore(KEY, { taskId: OTHER.taskId, onBranchTaken: 'suffix' })
  expect(await agentGit(twice, 'rev-parse', '--abbrev-ref', 'HEAD')).toBe('HEAD')
  expect(await agentGit(twice, 'rev-parse', 'HEAD')).toBe(await agentGit(restoredOnce, 'rev-parse', 'HEAD'))
  await agentCommits(restoredOnce, 'more.txt')
  const third = await stage.manager.restore(KEY, { taskId: 'task-3', onBranchTaken: 'suffix' })
  expect(await agentGit(third, 'status', '--porcelain')).toBe('?? left.txt')
  expect(warnings[0]).toContain('refs/heads/feature is checked out at')
  expect(warnings[1]).toContain('refs/heads/feature has gone on to')
})
