import { agentCommits, agentGit, agentWrites } from '../verbs/stage.js'
import type { KindOfWork } from './kind-of-work.js'
import { KINDS_OF_CHANGES } from './kinds-of-changes.js'

export const KINDS_OF_WORK: readonly KindOfWork[] = [
  { name: 'a commit', make: (workspace) => agentCommits(workspace, 'new.txt') },
  {
    name: 'commits on several branches and a tag',
    make: async (workspace) => {
      await agentCommits(workspace, 'one.txt')
      await agentGit(workspace, 'checkout', '--quiet', '-b', 'other/branch')
      await agentCommits(workspace, 'two.txt')
      await agentGit(workspace, 'checkout', '--quiet', 'agent/dev/task-1')
    },
  },
  {
    name: 'a detached HEAD',
    make: async (workspace) => {
      await agentGit(workspace, 'checkout', '--quiet', '--detach')
      await agentCommits(workspace, 'detached.txt')
    },
  },
  {
    name: 'a branch without a commit',
    make: async (workspace) => {
      await agentGit(workspace, 'checkout', '--quiet', '--orphan', 'fresh')
      await agentWrites(workspace, 'first.txt')
      await agentGit(workspace, 'add', 'first.txt')
    },
  },
  {
    name: 'a branch that stands for another one',
    make: async (workspace) => {
      await agentGit(workspace, 'symbolic-ref', 'refs/heads/alias', 'refs/heads/agent/dev/task-1')
      await agentGit(workspace, 'checkout', '--quiet', 'alias')
      await agentCommits(workspace, 'by-alias.txt')
    },
  },
  {
    name: 'commits that only a reflog names',
    make: async (workspace) => {
      await agentCommits(workspace, 'lost.txt')
      await agentGit(workspace, 'reset', '--quiet', '--hard', 'HEAD~1')
    },
  },
  {
    name: 'stashes',
    make: async (workspace) => {
      for (const name of ['first', 'second']) {
        await agentWrites(workspace, 'README.md', `${name}\n`)
        await agentWrites(workspace, `${name}.txt`)
        await agentGit(workspace, 'stash', 'push', '--quiet', '--include-untracked', '-m', name)
      }
    },
  },
  ...KINDS_OF_CHANGES,
]
