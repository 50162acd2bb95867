import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import * as tracked from '../../helpers/agent-context-repositories.js'
import { git } from '../../helpers/run-git.js'
import { snapshotTree } from '../../helpers/tree-snapshot.js'
import { isThere } from '../verbs/presence.js'
import { agentCommits, agentGit, CHECKOUTS, makeStage } from '../verbs/stage.js'

const REPOSITORIES = [
  ['folder', tracked.agentContextFolder],
  ['file', tracked.agentContextFile],
  ['symlink that leads out', tracked.agentContextSymlink],
  ['folder with a symlink that leads out', tracked.agentContextInnerSymlink],
] as const

const context = { issueTitle: 'Ours', files: { 'notes.md': 'ours\n' } }
const CASES = CHECKOUTS.flatMap((strategy) => REPOSITORIES.map(([what, make]) => ({ strategy, what, make })))

describe.each(CASES)('as a $what, in a $strategy', ({ strategy, make }) => {
  async function prepared() {
    const stage = await makeStage()
    const upstream = await make(stage.directory)
    const workspace = await stage.prepare({ strategy, source: upstream.url, context })
    return { ...stage, upstream, workspace }
  }

  test('it is what the repository has, and ours is where TASK_CONTEXT_DIR says', async () => {
    const { directory, upstream, workspace } = await prepared()
    const folder = String(workspace.env['TASK_CONTEXT_DIR'])
    expect(folder).toBe(join(workspace.rootDir, '.agent_context'))
    expect(await readFile(join(folder, 'issue_context.md'), 'utf8')).toBe('# Ours\n')
    await git(directory, 'clone', '--quiet', upstream.url, 'plain')
    expect(await snapshotTree(workspace.workDir, { ignore: ['.git'] })).toEqual(
      await snapshotTree(join(directory, 'plain'), { ignore: ['.git'] }),
    )
    for (const name of ['outside', 'outside.md', 'outside-ignore'])
      expect(await isThere(join(directory, name))).toBe(false)
  })

  test('git sees nothing of ours, and the agent may change theirs', async () => {
    const { workspace } = await prepared()
    expect(await agentGit(workspace, 'status', '--porcelain', '--untracked-files=all')).toBe('')
    await agentGit(workspace, 'add', '--all')
    expect(await agentGit(workspace, 'diff', '--cached', '--name-only')).toBe('')
    await agentCommits(workspace, 'work.txt')
    await agentGit(workspace, 'rm', '-r', '--quiet', '.agent_context')
    await agentGit(workspace, 'commit', '--quiet', '-m', 'Remove theirs')
    await agentGit(workspace, 'push', '--quiet', '-u', 'origin', 'HEAD')
    expect(await workspace.cleanup()).toMatchObject({ action: 'removed' })
  })

  test('a second prepare writes to the same place', async () => {
    const { prepare, upstream, workspace } = await prepared()
    const again = await prepare({ strategy, source: upstream.url, context: { issueTitle: 'Again' } })
    const folder = String(again.env['TASK_CONTEXT_DIR'])
    expect(folder).toBe(workspace.env['TASK_CONTEXT_DIR'])
    expect(await readFile(join(folder, 'issue_context.md'), 'utf8')).toBe('# Again\n')
    expect(await agentGit(again, 'status', '--porcelain')).toBe('')
  })
})
