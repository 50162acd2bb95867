import { chmod, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import type { Workspace } from 'git-task-isolation'
import { tryAgentGit } from '../verbs/stage.js'

/** One thing that an agent does; what cannot be done at that moment is left undone, as git would say. */
export interface AgentAction {
  /** What a counterexample shows. */
  readonly [fc.toStringMethod]: () => string
  readonly run: (workspace: Workspace) => Promise<unknown>
}

const PATHS = [
  'README.md',
  'src/app.ts',
  'docs/a.md',
  'docs/b.md',
  'run.sh',
  'new.txt',
  'new/deep.txt',
  'ünï.txt',
] as const
const BRANCHES = ['one', 'two/three', 'own'] as const
type Branch = (typeof BRANCHES)[number]

const path = fc.constantFrom(...PATHS)
const branch = fc.constantFrom(...BRANCHES)
/** In a repository that tasks share each has names of its own. */
const nameOf = (name: Branch, { key, branch: own = 'none' }: Workspace) =>
  name === 'own' ? own : `${key.taskId}/${name}`
const content = fc.constantFrom('one\n', 'two\r\n', '', 'three\nfour\n', 'one\nours\nthree\n')

function gitAction(...args: readonly string[]): AgentAction {
  return {
    [fc.toStringMethod]: () => `git ${args.join(' ')}`,
    run: (workspace) => tryAgentGit(workspace, args),
  }
}

function branchAction(name: Branch, ...args: readonly string[]): AgentAction {
  return {
    [fc.toStringMethod]: () => `git ${args.join(' ')} ${name}`,
    run: (workspace) => tryAgentGit(workspace, [...args, nameOf(name, workspace)]),
  }
}

/** One branch changes a line, the task's own the same one, and a rebase stops there, or at a `break`. */
function interruptedRebase(how: 'conflict' | 'break'): AgentAction {
  return {
    [fc.toStringMethod]: () => `a rebase interrupted by a ${how}`,
    run: async (workspace) => {
      const git = (...args: string[]) => tryAgentGit(workspace, args)
      await git('stash', 'push', '-q')
      for (const side of ['rival', 'ours']) {
        await git(
          'checkout',
          '-q',
          '-B',
          `${workspace.key.taskId}/${side}`,
          ...(side === 'ours' ? ['HEAD~1'] : []),
        )
        await write('src/app.ts', `one\n${side}\nthree\n`).run(workspace)
        await git('commit', '-qam', side)
      }
      const env = how === 'break' ? { GIT_SEQUENCE_EDITOR: 'sed -i 1ibreak' } : {}
      const onto = how === 'break' ? ['-i', 'HEAD~1'] : [`${workspace.key.taskId}/rival`]
      await tryAgentGit(workspace, ['rebase', '-q', ...onto], env)
    },
  }
}

function fileAction(what: string, run: (at: (name: string) => string) => Promise<unknown>): AgentAction {
  return {
    [fc.toStringMethod]: () => what,
    run: async (workspace) => {
      try {
        await run((name) => join(workspace.workDir, name))
      } catch (error) {
        // The file is not there now, or a folder is in its place.
        if (!(error instanceof Error && 'code' in error)) throw error
      }
    },
  }
}

export const write = (name: string, text: string): AgentAction =>
  fileAction(`write ${name} ${JSON.stringify(text)}`, async (at) => {
    await mkdir(dirname(at(name)), { recursive: true })
    await writeFile(at(name), text)
  })

/** Every kind of action that the issue names; commits have messages of their own. */
export const agentAction: fc.Arbitrary<AgentAction> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(path, content).map(([name, text]) => write(name, text)) },
  { weight: 3, arbitrary: fc.constantFrom('-A', '-u').map((which) => gitAction('add', which)) },
  { weight: 3, arbitrary: content.map((text) => gitAction('commit', '-qam', `m ${JSON.stringify(text)}`)) },
  path.map((name) => gitAction('add', '--', name)),
  path.map((name) => gitAction('add', '--intent-to-add', '--', name)),
  branch.map((name) => branchAction(name, 'checkout', '-q', '-b')),
  branch.map((name) => branchAction(name, 'branch', '-q')),
  branch.map((name) => branchAction(name, 'checkout', '-q')),
  fc.constant(gitAction('checkout', '-q', '--detach')),
  branch.map((name) => branchAction(name, 'branch', '-D')),
  fc.constantFrom('-q', '-qu').map((how) => gitAction('stash', 'push', how)),
  fc.constantFrom('pop', 'drop').map((how) => gitAction('stash', how, '-q')),
  fc
    .tuple(fc.constantFrom('--soft', '--mixed', '--hard'), fc.constantFrom('HEAD', 'HEAD~1'))
    .map(([how, to]) => gitAction('reset', '-q', how, to)),
  path.map((name) => gitAction('rm', '-qf', '--', name)),
  fc.tuple(path, path).map(([from, to]) => gitAction('mv', '-f', '--', from, to)),
  path.map((name) => fileAction(`rm ${name}`, (at) => rm(at(name)))),
  fc.tuple(path, path).map(([from, to]) => fileAction(`mv ${from} ${to}`, (at) => rename(at(from), at(to)))),
  fc
    .tuple(path, fc.constantFrom(0o644, 0o755, 0o600, 0o400))
    .map(([name, mode]) => fileAction(`chmod ${mode.toString(8)} ${name}`, (at) => chmod(at(name), mode))),
  path.map((name) => fileAction(`link ${name}.link`, (at) => symlink(name, at(`${name}.link`)))),
  path.map((name) => fileAction(`mkdir ${name}.d`, (at) => mkdir(at(`${name}.d`)))),
  path.map((name) => gitAction('update-index', '--skip-worktree', '--', name)),
  path.map((name) => gitAction('update-index', '--assume-unchanged', '--', name)),
  branch.map((name) => branchAction(name, 'merge', '-q')),
  branch.map((name) => branchAction(name, 'rebase', '-q')),
  branch.map((name) => branchAction(name, 'cherry-pick')),
  fc.constantFrom('rebase', 'merge', 'cherry-pick').map((what) => gitAction(what, '--abort')),
  fc.constantFrom('conflict', 'break').map(interruptedRebase),
)

/** Every action that the issue names, each with an effect, in an order in which it has one. */
export const EVERY_ACTION: readonly AgentAction[] = [
  write('src/app.ts', 'one\nedited\nthree\n'),
  gitAction('add', '-A'),
  gitAction('commit', '-qm', 'edited'),
  branchAction('one', 'branch', '-q'),
  write('new.txt', 'one\n'),
  gitAction('stash', 'push', '-qu'),
  branchAction('one', 'checkout', '-q'),
  write('docs/b.md', 'two\r\n'),
  gitAction('commit', '-qam', 'on one'),
  gitAction('reset', '-q', '--hard', 'HEAD~1'),
  interruptedRebase('conflict'),
  gitAction('rm', '-qf', '--', 'docs/a.md'),
  gitAction('mv', '-f', '--', 'docs/b.md', 'moved.md'),
  fileAction('mv README.md', (at) => rename(at('README.md'), at('READ.md'))),
  fileAction('chmod run.sh', (at) => chmod(at('run.sh'), 0o644)),
]
