import { appendFile, chmod, mkdir, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workspace } from 'git-task-isolation'
import { expect } from 'vitest'
import { agentWrites, agentGit as git } from '../verbs/stage.js'
import { type Kind, seesNothing } from './kind.js'

/** Staged, changed and untracked files, and what git passes over. */
export const FILE_KINDS: Readonly<Record<string, Kind>> = {
  'a staged change': {
    does: async (w) => {
      await agentWrites(w, 'README.md', 'staged\n')
      await git(w, 'add', 'README.md')
    },
    found: { staged: ['README.md'] },
  },
  'a staged change that the file no longer has': {
    does: async (w) => {
      await agentWrites(w, 'README.md', 'staged\n')
      await git(w, 'add', 'README.md')
      await agentWrites(w, 'README.md', 'one\n')
    },
    found: { staged: ['README.md'], unstaged: ['README.md'] },
  },
  'a staged new file': {
    does: async (w) => {
      await agentWrites(w, 'new.txt')
      await git(w, 'add', 'new.txt')
    },
    found: { staged: ['new.txt'] },
  },
  'a staged deletion of a file that is there': {
    does: (w) => git(w, 'rm', '--cached', '--quiet', 'README.md'),
    found: { staged: ['README.md'], untracked: ['README.md'] },
  },
  'a file that is only meant to be added': {
    does: async (w) => {
      await agentWrites(w, 'new.txt')
      await git(w, 'add', '--intent-to-add', 'new.txt')
    },
    found: { staged: ['new.txt'], unstaged: ['new.txt'] },
  },
  'staged changes in an index that was split': {
    does: async (w) => {
      await git(w, 'update-index', '--split-index')
      await agentWrites(w, 'README.md', 'staged\n')
      await git(w, 'add', 'README.md')
    },
    found: { staged: ['README.md'] },
  },
  'a changed file': {
    does: (w) => agentWrites(w, 'README.md', 'changed\n'),
    found: { unstaged: ['README.md'] },
  },
  'a file changed to as many bytes within the second of its checkout': {
    does: (w) => agentWrites(w, 'README.md', 'ONE\n'),
    found: { unstaged: ['README.md'] },
  },
  'a deleted file': {
    does: (w) => rm(join(w.workDir, 'README.md')),
    found: { unstaged: ['README.md'] },
  },
  'a changed mode': {
    does: (w) => chmod(join(w.workDir, 'README.md'), 0o755),
    found: { unstaged: ['README.md'] },
  },
  'an edit that skip-worktree hides': {
    does: (w) => hides(w, '--skip-worktree'),
    found: { unstaged: ['README.md'] },
  },
  'an edit that assume-unchanged hides': {
    does: (w) => hides(w, '--assume-unchanged'),
    found: { unstaged: ['README.md'] },
  },
  'an edit that a forged mtime hides': { does: forgesTimes, found: { unstaged: ['README.md'] } },
  'untracked files, in a folder too': {
    does: async (w) => {
      await mkdir(join(w.workDir, 'new'))
      for (const name of ['new file.txt', 'new/file.txt', 'new/more.txt']) await agentWrites(w, name)
    },
    found: { untracked: ['new file.txt', 'new/file.txt', 'new/more.txt'] },
  },
  'an untracked file that info/exclude hides': {
    does: async (w) => {
      const exclude = await git(w, 'rev-parse', '--path-format=absolute', '--git-path', 'info/exclude')
      await mkdir(join(exclude, '..'), { recursive: true })
      await appendFile(exclude, 'hidden.txt\n')
      await agentWrites(w, 'hidden.txt')
      await seesNothing(w)
    },
    found: { untracked: ['hidden.txt'] },
  },
  'a branch without a commit': {
    does: (w) => git(w, 'checkout', '--quiet', '--orphan', 'fresh'),
    found: { staged: ['.gitignore', 'README.md', 'docs/guide.md'] },
  },
  'a repository in an untracked folder': {
    does: (w) => makesRepository(w, 'vendor/lib'),
    found: { nested: ['vendor/lib'] },
  },
  'a repository in a folder with tracked files': {
    does: async (w) => {
      await makesRepository(w, 'docs')
      await seesNothing(w)
    },
    found: { nested: ['docs'] },
  },
  'a file in a .git that is no repository': {
    does: async (w) => {
      await mkdir(join(w.workDir, 'docs/.git'))
      await agentWrites(w, 'docs/.git/notes.txt')
      await seesNothing(w)
    },
    found: { nested: ['docs'] },
  },
  'a .git in a folder whose name is no UTF-8': {
    does: async (w) => {
      const folder = Buffer.from(join(w.workDir, 'docs/caf\xe9/.git'), 'latin1')
      await mkdir(folder, { recursive: true })
      await writeFile(Buffer.concat([folder, Buffer.from('/notes.txt')]), 'notes\n')
      await seesNothing(w)
    },
    found: { nested: ['docs/caf\ufffd'] },
  },
  'a tag of its own': { does: (w) => git(w, 'tag', 'mine'), found: { tags: ['mine'] }, only: 'clone' },
}

async function hides(workspace: Workspace, flag: string): Promise<void> {
  await git(workspace, 'update-index', flag, 'README.md')
  await agentWrites(workspace, 'README.md', 'hidden edit\n')
  await seesNothing(workspace)
}

async function forgesTimes(workspace: Workspace): Promise<void> {
  const file = join(workspace.workDir, 'README.md')
  for (const setting of ['core.trustctime=false', 'core.checkStat=minimal']) {
    await git(workspace, 'config', ...setting.split('='))
  }
  // Long ago, so that git need not compare what is as old as its index.
  await utimes(file, 1_600_000_000, 1_600_000_000)
  await git(workspace, 'update-index', '--refresh')
  const { size } = await stat(file)
  await writeFile(file, 'ONE\n')
  expect((await stat(file)).size).toBe(size)
  await utimes(file, 1_600_000_000, 1_600_000_000)
  await seesNothing(workspace)
}

async function makesRepository(workspace: Workspace, folder: string): Promise<void> {
  await mkdir(join(workspace.workDir, folder), { recursive: true })
  await git(workspace, 'init', '--quiet', folder)
  await git(workspace, '-C', folder, 'commit', '--quiet', '--allow-empty', '-m', 'Nested')
}
