import { mkdir, rename, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Workspace } from 'git-task-isolation'
import { agentGit, CHECKOUTS } from '../verbs/stage.js'

/** What an agent may leave in its task's folder, outside of its checkout. */
export interface KindBeside {
  readonly name: string
  readonly make: (workspace: Workspace) => Promise<unknown>
  /** As the look names it. */
  readonly found: string
  /** Those in which it is found in a way of its own, or one of them. */
  readonly strategies: readonly ('clone' | 'worktree' | 'directory')[]
}

export const KINDS_BESIDE: readonly KindBeside[] = [
  {
    name: 'a file',
    make: ({ rootDir }) => writeFile(join(rootDir, 'notes.txt'), 'mine\n'),
    found: '../notes.txt',
    strategies: ['worktree'],
  },
  {
    name: 'a folder with files, links, modes and empty folders',
    make: async ({ rootDir }) => {
      await mkdir(join(rootDir, 'own/deep/empty'), { recursive: true })
      await mkdir(join(rootDir, 'own/private'), { mode: 0o700 })
      await writeFile(join(rootDir, 'own/private/key'), 'key\n', { mode: 0o400 })
      await writeFile(join(rootDir, 'own/run.sh'), '#!/bin/sh\n', { mode: 0o755 })
      await symlink('../workdir', join(rootDir, 'own/deep/link'))
      await writeFile(join(rootDir, 'own/some.lock'), 'no lock of ours\n')
      for (const name of ['.trash-notes', '.notes.tmp-1'])
        await writeFile(join(rootDir, name), 'none of ours\n')
    },
    found: '../own',
    strategies: ['clone', 'directory'],
  },
  {
    name: 'a file beside one of the caller',
    make: ({ rootDir }) => writeFile(join(rootDir, 'conf/own.json'), '{"own":true}\n'),
    found: '../conf',
    strategies: ['clone'],
  },
  {
    name: 'a worktree',
    make: (workspace) => makeWorktree(workspace, '../wt2'),
    found: '../wt2',
    strategies: CHECKOUTS,
  },
  {
    name: "a worktree that is named like the manager's own",
    make: (workspace) => makeWorktree(workspace, join(workspace.stateDir, 'fix-0123456789')),
    found: '../state/fix-0123456789',
    strategies: ['worktree'],
  },
  {
    name: 'a worktree among the results',
    make: (workspace) => makeWorktree(workspace, join(workspace.stateDir, 'more')),
    found: '../state/more',
    strategies: ['clone'],
  },
  {
    name: 'a worktree that was moved among the results',
    make: async (workspace) => {
      await makeWorktree(workspace, '../wt2')
      await rename(join(workspace.rootDir, 'wt2'), join(workspace.outputDir, 'wt2'))
    },
    found: '../output/wt2',
    strategies: ['worktree'],
  },
]

/** With a commit of its own, a staged change, and another one that is not staged. */
export async function makeWorktree(workspace: Workspace, path: string, branch = 'beside'): Promise<void> {
  const inside = (...args: string[]) => agentGit(workspace, '-C', path, ...args)
  await agentGit(workspace, 'worktree', 'add', '--quiet', path, '-b', branch)
  const write = (text: string) => writeFile(resolve(workspace.workDir, path, 'own.txt'), text)
  await write('committed\n')
  await inside('add', 'own.txt')
  await inside('commit', '--quiet', '-m', 'own')
  await write('staged\n')
  await inside('add', 'own.txt')
  await write('neither\n')
}
