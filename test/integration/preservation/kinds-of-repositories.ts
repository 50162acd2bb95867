import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workspace } from 'git-task-isolation'
import { git } from '../../helpers/run-git.js'
import { createUpstream } from '../../helpers/upstream.js'
import { agentCommits, agentGit, agentWrites, tryAgentGit } from '../verbs/stage.js'
import type { KindOfWork } from './kind-of-work.js'

/** What an agent may make of its clone's repository. */
export interface KindOfRepository extends KindOfWork {
  /** What must be the same after a restore, beyond what git says of every checkout. */
  readonly tell: (workspace: Workspace) => Promise<string>
}

const answers = (workspace: Workspace, args: readonly string[]) =>
  tryAgentGit(workspace, args).then(({ code, stdout }) => `${code} ${stdout}`)

/** `hidden.txt` in the commit that is cut off. */
const BLOB = '2050aa03bb996ac745fb3ed914b7325447cd7b09'

export const KINDS_OF_REPOSITORIES: readonly KindOfRepository[] = [
  {
    name: 'a staged change in a worktree inside it',
    make: async (workspace) => {
      await agentGit(workspace, 'worktree', 'add', '--quiet', 'nested', '-b', 'inside')
      await agentWrites(workspace, 'nested/own.txt', 'staged\n')
      await agentGit(workspace, '-C', 'nested', 'add', 'own.txt')
      await agentWrites(workspace, 'nested/own.txt', 'not staged\n')
    },
    tell: (workspace) => answers(workspace, ['-C', 'nested', 'show', ':own.txt']),
  },
  {
    name: 'commits and tags that are to be signed by a program that fails',
    make: async (workspace) => {
      const settings = { 'commit.gpgSign': 'true', 'tag.gpgSign': 'true', 'gpg.program': '/bin/false' }
      await agentCommits(workspace, 'unsigned.txt')
      for (const [name, value] of Object.entries(settings)) await agentGit(workspace, 'config', name, value)
      await agentWrites(workspace, 'staged.txt')
      await agentGit(workspace, 'add', 'staged.txt')
    },
    tell: (workspace) => answers(workspace, ['log', '-1', '--format=%s']),
  },
  {
    name: 'a split index, and trees that were written of it',
    make: async (workspace) => {
      await agentGit(workspace, 'update-index', '--split-index')
      await agentWrites(workspace, 'staged.txt')
      await agentGit(workspace, 'add', 'staged.txt')
      await agentWrites(workspace, 'kept.log')
      await agentGit(workspace, 'add', '--force', 'kept.log')
      await agentGit(workspace, 'write-tree')
      await agentWrites(workspace, 'staged.txt', 'not staged\n')
    },
    tell: (workspace) => answers(workspace, ['show', ':staged.txt']),
  },
  {
    name: 'content of Git LFS that was never pushed',
    make: async (workspace) => {
      const folder = join(workspace.workDir, '.git/lfs/objects/aa/bb')
      await mkdir(folder, { recursive: true })
      await writeFile(join(folder, 'aabb'), 'large\n')
      await agentCommits(workspace, 'large.bin', 'version https://git-lfs.github.com/spec/v1\n')
    },
    tell: (workspace) => readFile(join(workspace.workDir, '.git/lfs/objects/aa/bb/aabb'), 'utf8'),
  },
  {
    name: 'branches whose names are no UTF-8, one of them checked out',
    make: async (workspace) => {
      const commit = await agentCommits(workspace, 'on-it.txt')
      await agentGit(workspace, 'reset', '--quiet', '--hard', 'HEAD~1')
      await agentCommits(workspace, 'here.txt')
      const other = Buffer.from(join(workspace.workDir, '.git/refs/heads/\xfc'), 'latin1')
      await writeFile(other, `${commit}\n`)
      const branch = join(workspace.workDir, '.git/refs/heads/agent/dev/task-1')
      await copyFile(branch, Buffer.from(join(workspace.workDir, '.git/refs/heads/caf\xe9'), 'latin1'))
      const head = Buffer.from('ref: refs/heads/caf\xe9\n', 'latin1')
      await writeFile(join(workspace.workDir, '.git/HEAD'), head)
      await agentGit(workspace, 'reflog', 'expire', '--expire=all', '--all')
    },
    tell: async ({ workDir }) =>
      [
        ...(await readdir(join(workDir, '.git/refs/heads'), { encoding: 'latin1' })).sort(),
        await readFile(join(workDir, '.git/HEAD'), 'latin1'),
      ].join(),
  },
  {
    name: 'refs that name files and folders, and one beside HEAD',
    make: async (workspace) => {
      const refs = {
        'refs/data/file': 'HEAD:README.md',
        'refs/data/folder': 'HEAD^{tree}',
        MY_BACKUP: 'HEAD',
      }
      await agentCommits(workspace, 'new.txt')
      for (const [ref, name] of Object.entries(refs)) await agentGit(workspace, 'update-ref', ref, name)
      await agentWrites(workspace, 'loose.txt', 'only an object\n')
      const file = await agentGit(workspace, 'hash-object', '-w', 'loose.txt')
      await agentGit(workspace, 'update-ref', 'refs/data/loose', file)
      await rm(join(workspace.workDir, 'loose.txt'))
    },
    tell: async (workspace) =>
      (await answers(workspace, ['cat-file', 'blob', 'refs/data/loose'])) +
      (await answers(workspace, ['for-each-ref', 'refs/data'])) +
      (await answers(workspace, ['rev-parse', 'MY_BACKUP'])),
  },
  {
    name: 'branches of another remote, and a ref of a worktree beside it',
    make: async (workspace) => {
      const commit = await agentCommits(workspace, 'fetched.txt')
      await agentGit(workspace, 'update-ref', 'refs/remotes/fork/main', commit)
      const kept = await agentCommits(workspace, 'kept.txt')
      const inside = ['-C', '../state/more']
      await agentGit(workspace, 'worktree', 'add', '--quiet', '--detach', '../state/more', 'HEAD~2')
      await agentGit(workspace, ...inside, 'update-ref', 'refs/worktree/kept', kept)
      await agentGit(workspace, 'reset', '--quiet', '--hard', 'HEAD~2')
      await agentGit(workspace, 'update-ref', '-d', 'ORIG_HEAD')
      await agentGit(workspace, 'reflog', 'expire', '--expire=all', '--all')
    },
    tell: async (workspace) =>
      (await answers(workspace, ['log', '--format=%H', 'fork/main'])) +
      (await answers(workspace, ['-C', '../state/more', 'log', '--format=%H', 'refs/worktree/kept'])),
  },
  {
    name: 'a branch that stands for another one, checked out',
    make: async (workspace) => {
      await agentGit(workspace, 'symbolic-ref', 'refs/heads/alias', 'refs/heads/agent/dev/task-1')
      await agentGit(workspace, 'checkout', '--quiet', 'alias')
      await agentCommits(workspace, 'by-alias.txt')
    },
    tell: (workspace) => answers(workspace, ['symbolic-ref', 'refs/heads/alias']),
  },
  {
    name: 'a history that was fetched in part',
    make: async (workspace, stage) => {
      const other = await createUpstream(join(stage.directory, 'other.git'), {})
      const seed = join(stage.directory, 'seed')
      await git(stage.directory, 'clone', '--quiet', other.url, seed)
      for (const name of ['1', '2', '3']) {
        await writeFile(join(seed, name), name)
        await git(seed, 'add', '.')
        await git(seed, 'commit', '--quiet', '-m', name)
      }
      await agentGit(workspace, 'fetch', '--quiet', '--depth=1', `file://${seed}`, 'HEAD:refs/heads/other')
      await agentGit(workspace, 'checkout', '--quiet', 'other')
      await agentCommits(workspace, 'on-top.txt')
    },
    tell: (workspace) => answers(workspace, ['log', '--format=%H %s', 'other']),
  },
  {
    name: 'a cut that hides commits of its own',
    make: async (workspace) => {
      await agentCommits(workspace, 'hidden.txt')
      await agentGit(workspace, 'rm', '--quiet', 'hidden.txt')
      const cut = await agentCommits(workspace, 'cut.txt')
      await agentWrites(workspace, '.git/shallow', `${cut}\n`)
      await agentCommits(workspace, 'on-top.txt')
    },
    tell: (workspace) => answers(workspace, ['cat-file', 'blob', BLOB]),
  },
]
