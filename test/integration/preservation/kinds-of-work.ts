import { agentCommits, agentGit, agentWrites } from '../verbs/stage.js'
import type { KindOfWork } from './kind-of-work.js'
import { KINDS_OF_CHANGES } from './kinds-of-changes.js'

const KINDS_OF_WORK: readonly KindOfWork[] = [
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

/** The groups with them come back in another way in a clone, which has its own refs, than in a worktree. */
const OF_REFS = [
  'commits on several branches and a tag',
  'a rebase that was interrupted',
  'a detached HEAD',
  'a branch that stands for another one',
]

/** Kinds that can be in one workspace, in the order in which they can be made; every kind is in one of them. */
const TOGETHER: readonly (readonly string[])[] = [
  [
    'a commit',
    'commits on several branches and a tag',
    'commits that only a reflog names',
    'stashes',
    'ignored files that are in a commit',
    'an initialised submodule with a commit and a change of its own',
    'staged, unstaged and untracked changes',
    'edits that index flags hide',
    'a nested repository',
  ],
  ['a bisection', 'deleted, renamed and replaced files'],
  ['a merge with conflicts', 'odd names', 'a renamed folder'],
  ['a branch without a commit'],
  ['a rebase that was interrupted', 'modes, links and empty folders'],
  ['a cherry-pick and a stash conflict'],
  ['a detached HEAD', 'an intent to add'],
  ['a branch that stands for another one', 'line ends and filters that attributes ask for'],
  ['a line end that attributes take for the same'],
]

const named = (name: string): KindOfWork => {
  const kind = KINDS_OF_WORK.find((one) => one.name === name)
  if (kind === undefined) throw new Error(`there is no kind of work "${name}"`)
  return kind
}

const rest = KINDS_OF_WORK.filter(({ name }) => !TOGETHER.flat().includes(name)).map((kind) => [kind])

export const GROUPS_OF_WORK = [...TOGETHER.map((names) => names.map(named)), ...rest].map((kinds) => ({
  kinds,
  names: kinds.map(({ name }) => name).join('; '),
  isOfRefs: kinds.some(({ name }) => OF_REFS.includes(name)),
}))
