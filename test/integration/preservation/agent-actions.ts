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
const BRANCHES = ['one', 'two/three', 'agent/dev/task-1'] as const

const path = fc.constantFrom(...PATHS)
const branch = fc.constantFrom(...BRANCHES)
const content = fc.constantFrom('one\n', 'two\r\n', '', 'three\nfour\n', 'one\nours\nthree\n')

function gitAction(...args: readonly string[]): AgentAction {
  return {
    [fc.toStringMethod]: () => `git ${args.join(' ')}`,
    run: (workspace) => tryAgentGit(workspace, args),
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
  branch.map((name) => gitAction('checkout', '-q', '-b', name)),
  branch.map((name) => gitAction('checkout', '-q', name)),
  fc.constant(gitAction('checkout', '-q', '--detach')),
  branch.map((name) => gitAction('branch', '-D', name)),
  fc.constantFrom('-q', '-qu').map((how) => gitAction('stash', 'push', how)),
  fc.constantFrom('pop', 'drop').map((how) => gitAction('stash', how, '-q')),
  fc
    .tuple(fc.constantFrom('--soft', '--mixed', '--hard'), fc.constantFrom('HEAD', 'HEAD~1'))
    .map(([how, to]) => gitAction('reset', '-q', how, to)),
  path.map((name) => gitAction('rm', '-qf', '--', name)),
  path.map((name) => fileAction(`rm ${name}`, (at) => rm(at(name)))),
  fc.tuple(path, path).map(([from, to]) => fileAction(`mv ${from} ${to}`, (at) => rename(at(from), at(to)))),
  fc
    .tuple(path, fc.constantFrom(0o644, 0o755, 0o600, 0o400))
    .map(([name, mode]) => fileAction(`chmod ${mode.toString(8)} ${name}`, (at) => chmod(at(name), mode))),
  path.map((name) => fileAction(`link ${name}.link`, (at) => symlink(name, at(`${name}.link`)))),
  path.map((name) => fileAction(`mkdir ${name}.d`, (at) => mkdir(at(`${name}.d`)))),
  path.map((name) => gitAction('update-index', '--skip-worktree', '--', name)),
  path.map((name) => gitAction('update-index', '--assume-unchanged', '--', name)),
  branch.map((name) => gitAction('merge', '-q', name)),
  branch.map((name) => gitAction('rebase', '-q', name)),
  branch.map((name) => gitAction('cherry-pick', name)),
)
