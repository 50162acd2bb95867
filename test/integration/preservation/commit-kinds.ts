import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workspace } from 'git-task-isolation'
import { expect } from 'vitest'
import { agentCommits, agentWrites, agentGit as git, tryAgentGit } from '../verbs/stage.js'
import { type Kind, seesNothing } from './kind.js'

/** Commits, stashes, and what was begun and not ended. */
export const COMMIT_KINDS: Readonly<Record<string, Kind>> = {
  'a commit on the branch': { does: (w) => agentCommits(w, 'work.txt'), found: { commits: 1 } },
  'a commit on another local branch': {
    does: async (w) => {
      await git(w, 'checkout', '--quiet', '-b', 'side')
      await agentCommits(w, 'work.txt')
      await git(w, 'checkout', '--quiet', '-')
    },
    found: { commits: 1 },
  },
  'a commit on a detached HEAD': {
    does: async (w) => {
      await git(w, 'checkout', '--quiet', '--detach')
      await agentCommits(w, 'work.txt')
    },
    found: { commits: 1 },
  },
  'a commit that only a reflog names': {
    does: async (w) => {
      await agentCommits(w, 'work.txt')
      await git(w, 'reset', '--quiet', '--hard', 'HEAD~1')
      await git(w, 'update-ref', '-d', 'ORIG_HEAD')
    },
    found: { commits: 1 },
  },
  'a commit of a deleted branch': {
    does: async (w) => {
      await git(w, 'checkout', '--quiet', '-b', 'side')
      await agentCommits(w, 'work.txt')
      await git(w, 'checkout', '--quiet', '-')
      await git(w, 'branch', '-D', 'side')
    },
    found: { commits: 1 },
  },
  'a commit that only ORIG_HEAD names': {
    does: async (w) => {
      await agentCommits(w, 'work.txt')
      await git(w, 'reset', '--quiet', '--hard', 'HEAD~1')
      await git(w, 'reflog', 'expire', '--expire=all', '--all')
    },
    found: { commits: 1 },
  },
  'a merge in conflict, of a commit that only MERGE_HEAD names': {
    does: (w) => conflicts(w, 'merge', '--quiet'),
    found: { commits: 2, staged: ['README.md'], unstaged: ['README.md'], inProgress: ['merge'] },
  },
  'a merge that was not committed, and changes nothing': {
    does: async (w) => git(w, 'merge', '--no-commit', '--quiet', '-s', 'ours', await loose(w, 'theirs\n')),
    found: { commits: 1, inProgress: ['merge'] },
  },
  'a cherry-pick in conflict': {
    does: (w) => conflicts(w, 'cherry-pick'),
    found: { commits: 2, staged: ['README.md'], unstaged: ['README.md'], inProgress: ['cherry-pick'] },
  },
  'a revert in conflict': {
    does: async (w) => {
      await agentCommits(w, 'README.md', 'two\n')
      await agentCommits(w, 'README.md', 'three\n')
      expect((await tryAgentGit(w, ['revert', 'HEAD~1'])).code).not.toBe(0)
    },
    found: { commits: 2, staged: ['README.md'], unstaged: ['README.md'], inProgress: ['revert'] },
  },
  'a rebase in conflict': {
    does: async (w) => {
      const onto = await loose(w, 'theirs\n')
      await agentCommits(w, 'README.md', 'ours\n')
      expect((await tryAgentGit(w, ['rebase', '--quiet', onto])).code).not.toBe(0)
    },
    found: { commits: 2, staged: ['README.md'], unstaged: ['README.md'], inProgress: ['rebase'] },
  },
  'a rebase that stopped with a clean tree': {
    does: async (w) => {
      await agentCommits(w, 'work.txt')
      const env = { GIT_SEQUENCE_EDITOR: 'sed -i 1ibreak' }
      expect((await tryAgentGit(w, ['rebase', '-i', 'HEAD~1'], env)).code).toBe(0)
      await seesNothing(w)
    },
    found: { commits: 1, inProgress: ['rebase'] },
  },
  'patches that do not apply': {
    does: async (w) => {
      const patch = await git(w, 'format-patch', '--stdout', '-1', await loose(w, 'theirs\n'))
      await writeFile(join(w.stateDir, 'mail'), `${patch}\n`)
      await agentCommits(w, 'README.md', 'ours\n')
      expect((await tryAgentGit(w, ['am', '--quiet', join(w.stateDir, 'mail')])).code).not.toBe(0)
    },
    found: { commits: 1, inProgress: ['am'] },
  },
  'a bisection': { does: (w) => git(w, 'bisect', 'start'), found: { inProgress: ['bisect'] } },
  'two stashes': {
    does: async (w) => {
      for (const content of ['first\n', 'second\n']) {
        await agentWrites(w, 'README.md', content)
        await git(w, 'stash', '--quiet')
      }
    },
    found: { stashes: 2 },
  },
  'stashes on a detached HEAD, with a message and without': {
    does: async (w) => {
      await git(w, 'checkout', '--quiet', '--detach')
      for (const more of [[], ['-m', 'mine']]) {
        await agentWrites(w, 'README.md', `${more.length}\n`)
        await git(w, 'stash', 'push', '--quiet', ...more)
      }
    },
    found: { stashes: 2 },
  },
  'a stash that was made on a detached HEAD, with a message, before the branch was checked out again': {
    does: async (w) => {
      await git(w, 'checkout', '--quiet', '--detach')
      await agentWrites(w, 'README.md', 'mine\n')
      await git(w, 'stash', 'push', '--quiet', '-m', 'mine')
      await git(w, 'checkout', '--quiet', '-')
    },
    found: { stashes: 1 },
  },
  'a commit on a branch that stands for another one': {
    does: async (w) => {
      await git(w, 'symbolic-ref', 'refs/heads/alias', 'refs/heads/side')
      await git(w, 'branch', '--quiet', 'side')
      await git(w, 'checkout', '--quiet', 'alias')
      await agentCommits(w, 'work.txt')
    },
    found: { commits: 1 },
  },
  'a commit that only a ref beside HEAD names': {
    does: async (w) => git(w, 'update-ref', 'MY_BACKUP', await loose(w, 'theirs\n')),
    found: { commits: 1 },
  },
  'a commit that only a remote-tracking ref of another remote names': {
    does: async (w) => git(w, 'update-ref', 'refs/remotes/fork/main', await loose(w, 'theirs\n')),
    found: { commits: 1 },
    only: 'clone',
  },
  'a stash of which only the ref is left': {
    does: async (w) => {
      await agentWrites(w, 'README.md', 'mine\n')
      await git(w, 'stash', '--quiet')
      await git(w, 'reflog', 'expire', '--expire=all', '--all')
    },
    found: { stashes: 1 },
  },
}

/** A commit that no ref and no reflog names. */
async function loose(workspace: Workspace, content: string): Promise<string> {
  await agentWrites(workspace, 'README.md', content)
  const index = { GIT_INDEX_FILE: join(workspace.stateDir, `index-${content.length}`) }
  for (const args of [
    ['read-tree', 'HEAD'],
    ['add', 'README.md'],
  ])
    await tryAgentGit(workspace, args, index)
  const tree = (await tryAgentGit(workspace, ['write-tree'], index)).stdout
  await git(workspace, 'checkout', '--quiet', 'README.md')
  return git(workspace, 'commit-tree', '-p', 'HEAD', '-m', `README with ${content.trim()}`, tree)
}

async function conflicts(workspace: Workspace, ...command: string[]): Promise<void> {
  const theirs = await loose(workspace, 'theirs\n')
  await agentCommits(workspace, 'README.md', 'ours\n')
  expect((await tryAgentGit(workspace, [...command, theirs])).code).not.toBe(0)
}
