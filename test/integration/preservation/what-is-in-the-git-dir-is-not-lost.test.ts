import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workspace } from 'git-task-isolation'
import { expect, it } from 'vitest'
import { snapshotTree } from '../../helpers/tree-snapshot.js'
import { agentGit, CHECKOUTS, failureOf, KEY, tryAgentGit } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'
import { makeWorktree } from './kinds-beside.js'

const FOLDERS = ['own-wt', 'separate', 'notes']

it.each(CHECKOUTS)(
  'what an agent keeps in the git dir of a %s is named, archived, and comes back',
  async (strategy) => {
    const stage = await makeWarmStage()
    const workspace = await stage.prepare({ strategy })
    const gitDir = await gitDirOf(workspace)
    await mkdir(join(gitDir, 'notes/empty'), { recursive: true })
    await writeFile(join(gitDir, 'notes/plan.lock'), 'mine\n')
    await symlink('plan.lock', join(gitDir, 'notes/link'))
    await chmod(join(gitDir, 'notes/plan.lock'), 0o400)
    // Of a name that git could have given, and of one that it does give.
    await writeFile(join(gitDir, 'TODO'), 'mine\n')
    await agentGit(workspace, 'update-ref', 'MY_BACKUP', 'HEAD')
    expect(await failureOf(workspace.cleanup({ onUnsavedWork: 'refuse' }))).toMatchObject({
      code: 'UNSAVED_WORK',
      data: { changedFiles: ['.git/TODO', '.git/notes'], counts: { untracked: 3 } },
    })
    await makeWorktree(workspace, join(gitDir, 'own-wt'))
    await agentGit(workspace, 'init', '--quiet', `--separate-git-dir=${join(gitDir, 'separate')}`, 'nested')
    await agentGit(workspace, '-C', 'nested', 'commit', '--quiet', '--allow-empty', '-m', 'nested')
    const before = await stateIn(workspace)
    expect(await workspace.cleanup()).toMatchObject({ action: 'removed', archive: expect.anything() })
    expect(await stateIn(await stage.manager.restore(KEY))).toEqual(before)
  },
)

const gitDirOf = (workspace: Workspace) => agentGit(workspace, 'rev-parse', '--absolute-git-dir')

async function stateIn(workspace: Workspace) {
  const gitDir = await gitDirOf(workspace)
  const trees = FOLDERS.map((name) => snapshotTree(join(gitDir, name), { ignore: ['index', '.git'] }))
  const asked = [
    ['-C', join(gitDir, 'own-wt'), 'status', '--porcelain=v2', '--branch'],
    ['-C', join(gitDir, 'own-wt'), 'show', ':own.txt'],
    ['-C', 'nested', 'log', '--format=%H %s'],
  ]
  const answers = await Promise.all(asked.map((args) => tryAgentGit(workspace, args)))
  return { trees: await Promise.all(trees), answers }
}
