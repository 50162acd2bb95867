import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workspace } from 'git-task-isolation'
import { expect, test } from 'vitest'
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
/** It is looked for in the commit, whatever the strategy: each kind has one, in turns. */
const CASES = REPOSITORIES.map(([what, make], turn) => ({
  strategy: CHECKOUTS[turn % CHECKOUTS.length] ?? 'clone',
  what,
  make,
}))

// One test for the whole life: making what it needs is most of the work.
test.each(CASES)('as a $what, in a $strategy', async ({ strategy, make }) => {
  const { directory, prepare } = await makeStage()
  const { url: source } = await make(directory)
  const workspace = await prepare({ strategy, source, context })
  const folder = String(workspace.env['TASK_CONTEXT_DIR'])
  await expectTheirs(workspace, { directory, source })
  await expectOurs(workspace, folder, 'Ours')
  const again = await prepare({ strategy, source, context: { ...context, issueTitle: 'Again' } })
  expect(again.env['TASK_CONTEXT_DIR']).toBe(folder)
  await expectOurs(again, folder, 'Again')
  await changeTheirs(workspace)
  expect(await workspace.cleanup()).toMatchObject({ action: 'removed' })
})

/** The checkout is what the repository has, and nothing has gone where its links lead. */
async function expectTheirs(
  { workDir }: Workspace,
  { directory, source }: { readonly directory: string; readonly source: string },
): Promise<void> {
  await git(directory, 'clone', '--quiet', source, 'plain')
  expect(await snapshotTree(workDir, { ignore: ['.git'] })).toEqual(
    await snapshotTree(join(directory, 'plain'), { ignore: ['.git'] }),
  )
  for (const name of ['outside', 'outside.md', 'outside-ignore'])
    expect(await isThere(join(directory, name))).toBe(false)
}

/** Ours is where TASK_CONTEXT_DIR says, and git sees nothing of it. */
async function expectOurs(workspace: Workspace, folder: string, title: string): Promise<void> {
  expect(folder).toBe(join(workspace.rootDir, '.agent_context'))
  expect(await readFile(join(folder, 'issue_context.md'), 'utf8')).toBe(`# ${title}\n`)
  expect(await agentGit(workspace, 'status', '--porcelain', '--untracked-files=all')).toBe('')
  await agentGit(workspace, 'add', '--all')
  expect(await agentGit(workspace, 'diff', '--cached', '--name-only')).toBe('')
}

async function changeTheirs(workspace: Workspace): Promise<void> {
  await agentCommits(workspace, 'work.txt')
  await agentGit(workspace, 'rm', '-r', '--quiet', '.agent_context')
  await agentGit(workspace, 'commit', '--quiet', '-m', 'Remove theirs')
  await agentGit(workspace, 'push', '--quiet', '-u', 'origin', 'HEAD')
}
