import { chmod, mkdir, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workspace } from 'git-task-isolation'
import { git } from '../../helpers/run-git.js'
import { createUpstream } from '../../helpers/upstream.js'
import { agentCommits, agentGit, agentWrites, tryAgentGit } from '../verbs/stage.js'

import type { KindOfWork } from './kind-of-work.js'

const at = (workspace: Workspace, ...names: string[]) => join(workspace.workDir, ...names)

/** What an agent may leave in its tree and its index, committed nowhere. */
export const KINDS_OF_CHANGES: readonly KindOfWork[] = [
  {
    name: 'staged, unstaged and untracked changes',
    make: async (workspace) => {
      await agentWrites(workspace, 'src/app.ts', 'staged\n')
      await agentWrites(workspace, 'staged.txt')
      await agentGit(workspace, 'add', 'src/app.ts', 'staged.txt')
      await agentWrites(workspace, 'src/app.ts', 'staged and changed\n')
      await agentWrites(workspace, 'docs/a.md', 'changed\n')
      await mkdir(at(workspace, 'new/folder'), { recursive: true })
      await agentWrites(workspace, 'new/folder/untracked.txt')
    },
  },
  {
    name: 'deleted, renamed and replaced files',
    make: async (workspace) => {
      await rm(at(workspace, 'docs'), { recursive: true })
      await agentGit(workspace, 'mv', 'src/app.ts', 'src/renamed.ts')
      await agentGit(workspace, 'rm', '--quiet', 'run.sh')
      await unlink(at(workspace, 'link'))
      await mkdir(at(workspace, 'link'))
      await agentWrites(workspace, 'link/inside.txt')
      await rm(at(workspace, 'src/deep'), { recursive: true })
      await agentWrites(workspace, 'src/deep', 'a file now\n')
    },
  },
  {
    name: 'modes, links and empty folders',
    make: async (workspace) => {
      await chmod(at(workspace, 'README.md'), 0o755)
      await chmod(at(workspace, 'run.sh'), 0o644)
      await agentWrites(workspace, 'secret.txt')
      await chmod(at(workspace, 'secret.txt'), 0o600)
      await symlink('/nowhere/at/all', at(workspace, 'dangling'))
      await symlink('src', at(workspace, 'to-folder'))
      await symlink('/etc/hostname', at(workspace, 'absolute'))
      await mkdir(at(workspace, 'empty/inner'), { recursive: true })
      await mkdir(at(workspace, 'private'))
      await agentWrites(workspace, 'private/file')
      await chmod(at(workspace, 'private/file'), 0o400)
      await chmod(at(workspace, 'private'), 0o500)
    },
  },
  {
    name: 'odd names',
    make: async (workspace) => {
      const names = [
        'new\nline',
        'tab\tname',
        ' space ',
        '"quoted"',
        'back\\slash',
        'ünïcode',
        '%2e',
        '-dash',
        ':colon',
      ]
      for (const name of names) await agentWrites(workspace, name)
      const invalid = Buffer.concat([Buffer.from(`${workspace.workDir}/`), Buffer.from([0xff, 0xfe, 0x41])])
      await writeFile(invalid, 'not UTF-8\n')
      await mkdir(at(workspace, 'GIT~1'))
      await agentWrites(workspace, 'GIT~1/file')
      await agentWrites(workspace, 'x'.repeat(255))
    },
  },
  {
    name: 'line ends and filters that attributes ask for',
    make: async (workspace) => {
      await agentWrites(
        workspace,
        '.gitattributes',
        '*.md text eol=lf\n*.bin filter=evil -text\n*.u16 working-tree-encoding=UTF-16\n',
      )
      await agentGit(workspace, 'config', 'filter.evil.clean', 'touch ran-clean; cat')
      await agentGit(workspace, 'config', 'filter.evil.smudge', 'touch ran-smudge; cat')
      await agentWrites(workspace, 'README.md', '# Upstream\r\n')
      await agentWrites(workspace, 'docs/new.md', 'crlf\r\nlf\n')
      await agentWrites(workspace, 'a.bin', 'raw\r\n')
      await agentWrites(
        workspace,
        'pointer.psd',
        'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n',
      )
      await writeFile(at(workspace, 'text.u16'), Buffer.from('text\n', 'utf16le'))
      await agentGit(workspace, 'config', '--unset', 'filter.evil.clean')
      await agentGit(workspace, 'config', '--unset', 'filter.evil.smudge')
    },
  },
  {
    name: 'a line end that attributes take for the same',
    make: async (workspace) => {
      await agentWrites(workspace, '.gitattributes', '* text=auto\n')
      await agentCommits(workspace, 'other.txt')
      await agentWrites(workspace, 'README.md', '# Upstream\r\n')
    },
  },
  {
    name: 'edits that index flags hide',
    make: async (workspace) => {
      await agentGit(workspace, 'update-index', '--skip-worktree', 'docs/a.md')
      await agentGit(workspace, 'update-index', '--assume-unchanged', 'docs/b.md')
      await agentWrites(workspace, 'docs/a.md', 'hidden\n')
      await agentWrites(workspace, 'docs/b.md', 'hidden too\n')
    },
  },
  {
    name: 'an intent to add',
    make: async (workspace) => {
      await agentWrites(workspace, 'intended.txt')
      await agentGit(workspace, 'add', '--intent-to-add', 'intended.txt')
    },
  },
  {
    name: 'a merge with conflicts',
    make: async (workspace) => {
      await branchInConflict(workspace)
      await tryAgentGit(workspace, ['merge', 'rival'])
      await agentWrites(workspace, 'untracked.txt')
    },
  },
  {
    name: 'a rebase that was interrupted',
    make: async (workspace) => {
      await branchInConflict(workspace)
      await agentCommits(workspace, 'after.txt')
      await tryAgentGit(workspace, ['rebase', 'rival'])
    },
  },
  {
    name: 'a cherry-pick and a stash conflict',
    make: async (workspace) => {
      await branchInConflict(workspace)
      await tryAgentGit(workspace, ['cherry-pick', 'rival'])
    },
  },
  {
    name: 'a bisection',
    make: async (workspace) => {
      for (const name of ['a', 'b', 'c', 'd']) await agentCommits(workspace, `${name}.txt`)
      await agentGit(workspace, 'bisect', 'start', 'HEAD', 'HEAD~4')
    },
  },
  {
    name: 'a nested repository',
    make: async (workspace) => {
      const nested = at(workspace, 'vendor/nested')
      await mkdir(nested, { recursive: true })
      await git(nested, 'init', '--quiet', '-b', 'main')
      await writeFile(join(nested, 'file.txt'), 'nested\n')
      await git(nested, 'add', '.')
      await git(nested, 'commit', '--quiet', '-m', 'nested')
      await writeFile(join(nested, 'file.txt'), 'changed\n')
    },
  },
  {
    name: 'an initialised submodule with a commit and a change of its own',
    make: async (workspace, stage) => {
      const library = await createUpstream(join(stage.directory, 'library.git'), {})
      const allow = ['-c', 'protocol.file.allow=always']
      await agentGit(workspace, ...allow, 'submodule', '--quiet', 'add', library.url, 'libs/library')
      await agentGit(workspace, 'commit', '--quiet', '-m', 'Add the library')
      const inside = at(workspace, 'libs/library')
      await writeFile(join(inside, 'own.txt'), 'own\n')
      await git(inside, 'add', 'own.txt')
      await git(inside, 'commit', '--quiet', '-m', 'own')
      await writeFile(join(inside, 'README.md'), 'changed\n')
      // Then its repository has folders without a file in them that git needs.
      await git(inside, 'remote', 'set-head', 'origin', '--delete')
      await git(inside, 'pack-refs', '--all')
    },
  },
  {
    name: 'ignored files that are in a commit',
    make: async (workspace) => {
      await agentWrites(workspace, 'kept.log')
      await agentGit(workspace, 'add', '--force', 'kept.log')
      await mkdir(at(workspace, 'build'))
      await agentWrites(workspace, 'build/staged.o')
      await agentGit(workspace, 'add', '--force', 'build/staged.o')
      await agentGit(workspace, 'commit', '--quiet', '-m', 'forced')
    },
  },
  {
    name: 'a renamed folder',
    make: (workspace) => rename(at(workspace, 'docs'), at(workspace, 'documents')),
  },
]

/** The branch `rival` and the task's own change the same line. */
async function branchInConflict(workspace: Workspace): Promise<void> {
  await agentGit(workspace, 'checkout', '--quiet', '-b', 'rival')
  await agentWrites(workspace, 'src/app.ts', 'one\nrival\nthree\n')
  await agentGit(workspace, 'commit', '--quiet', '-am', 'rival')
  await agentGit(workspace, 'checkout', '--quiet', 'agent/dev/task-1')
  await agentWrites(workspace, 'src/app.ts', 'one\nours\nthree\n')
  await agentGit(workspace, 'commit', '--quiet', '-am', 'ours')
}
