import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Workspace } from 'git-task-isolation'
import { describe, expect, it } from 'vitest'
import { agentCommits, agentGit, agentWrites, KEY } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'

/** Puts a file among the refs, as another program may. */
async function placeRef({ workDir }: Workspace, name: string, oid: string): Promise<void> {
  const path = join(workDir, '.git', name)
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, `${oid}\n`)
}

/** Each leaves one commit that nothing else names, and answers with it. */
const ODD: Readonly<Record<string, (workspace: Workspace) => Promise<string>>> = {
  'a copy that a synchronising program made': async (workspace) => {
    const commit = await hiddenCommit(workspace)
    await placeRef(workspace, 'refs/heads/topic (conflicted copy)', commit)
    return commit
  },
  'a branch that names a tag': async (workspace) => {
    const commit = await hiddenCommit(workspace)
    await agentGit(workspace, 'tag', '-a', 'marked', '-m', 'marked', commit)
    const tag = await agentGit(workspace, 'rev-parse', 'marked')
    await placeRef(workspace, 'refs/heads/of-a-tag', tag)
    await agentGit(workspace, 'tag', '-d', 'marked')
    return tag
  },
}

async function hiddenCommit(workspace: Workspace): Promise<string> {
  await agentCommits(workspace, 'hidden.txt')
  const commit = await agentGit(workspace, 'rev-parse', 'HEAD')
  await agentGit(workspace, 'reset', '--quiet', '--hard', 'HEAD~1')
  return commit
}

describe('an archived clone comes back with', () => {
  it.each(Object.entries(ODD))('%s', async (_, make) => {
    const stage = await makeWarmStage()
    const workspace = await stage.prepare()
    const oid = await make(workspace)
    const { archive } = await stage.manager.cleanup(KEY)
    const warnings: string[] = []
    stage.manager.on(
      'warning',
      ({ code, message }) => void (code === 'RESTORED_ELSEWHERE' && warnings.push(message)),
    )
    const restored = await stage.manager.restore(KEY)
    expect(warnings).toHaveLength(1)
    const refs = await agentGit(
      restored,
      'for-each-ref',
      '--format=%(objectname)',
      `refs/restored/${archive?.archiveId}`,
    )
    expect(refs).toBe(oid)
  })

  it('a stash whose reflog has expired', async () => {
    const stage = await makeWarmStage()
    const workspace = await stage.prepare()
    await agentWrites(workspace, 'README.md', 'stashed\n')
    await agentGit(workspace, 'stash')
    const commit = await agentGit(workspace, 'rev-parse', 'refs/stash')
    await agentGit(workspace, 'reflog', 'expire', '--expire=now', '--all')
    await stage.manager.cleanup(KEY)
    expect(await agentGit(await stage.manager.restore(KEY), 'rev-parse', 'stash@{0}')).toBe(commit)
  })
})

it('a worktree comes back where another branch stands in the way of one of its own', async () => {
  const stage = await makeWarmStage()
  const workspace = await stage.prepare({ strategy: 'worktree' })
  await agentGit(workspace, 'checkout', '--quiet', '-b', 'feature')
  await agentCommits(workspace, 'work.txt')
  const { archive } = await stage.manager.cleanup(KEY)
  const other = await stage.prepare({ strategy: 'worktree', taskId: 'task-2' })
  await agentGit(other, 'branch', '-D', 'feature')
  await agentGit(other, 'branch', 'feature/x')
  const restored = await stage.manager.restore(KEY)
  const kept = `refs/restored/${archive?.archiveId}`
  expect(await agentGit(restored, 'for-each-ref', '--format=%(objectname)', kept)).toBe(
    await agentGit(restored, 'rev-parse', 'HEAD'),
  )
  expect(await agentGit(restored, 'log', '-1', '--format=%s')).toBe('Add work.txt')
  expect(await agentGit(restored, 'status', '--porcelain')).toBe('')
})
