import type { StrategyName } from './hostile-stage.js'

export type LinkKind = 'link' | 'link to nothing' | 'hard link'

/** Things below an environment's folder that the manager writes, deletes, or does so below. */
export interface Place {
  /** Replaced together. `{task}` is the task's id, `{registration}` what its worktree is called in the mirror. */
  readonly paths: readonly string[]
  readonly is: 'folder' | 'file'
  readonly kinds: readonly LinkKind[]
  readonly only: StrategyName
}

const LINKS = ['link'] as const
const ALL_LINKS = ['link', 'link to nothing'] as const

/** A verb may refuse to go on at the first of these, so that each is replaced alone. */
function folders(only: StrategyName, kinds: readonly LinkKind[], paths: readonly string[]): Place[] {
  return paths.map((path) => ({ paths: [path], is: 'folder', kinds, only }))
}

function file(only: StrategyName, path: string): Place {
  return { paths: [path], is: 'file', kinds: LINKS, only }
}

/** Files that a link, or a second name, keeps no verb from: all at once. */
const WRITTEN = [
  'tasks/{task}/.gitconfig',
  'tasks/{task}/.git-credentials',
  'tasks/{task}/deep/client.json',
  'tasks/{task}/workdir/.agent_context/issue_context.md',
  'tasks/{task}/workdir/.agent_context/.gitignore',
  '.git-task/.gitignore',
  '.git-task/audit.jsonl',
  '.git-task/mirror.git/git-task-state.json',
  '.git-task/indexes/{task}.index',
  '.git-task/archives.git/packed-refs',
  '.git-task/archives.git/info/attributes',
]

/** A second name of such a one is not looked for, of which there may be thousands. */
const REFLOG = '.git-task/mirror.git/logs/refs/remotes/origin/main'

/** Folders that no verb refuses to go on for: all at once. */
const PASSED = ['../.git-task/owners', '.git-task/mirror.git/info']

const TASK_FOLDERS = ['output', 'logs', 'state', 'deep'].map((name) => `tasks/{task}/${name}`)

/** Files that a verb may refuse to go on for, where they are links. */
const REFUSED = ['.git-task/sessions/{task}.json', '.git-task/archives.git/config']

/** Files that no verb refuses to go on for, where they are links: all at once. */
const PUT_RIGHT = ['.git-task/environment.json', '.git-task/mirror.git/config']

const IN_MIRROR = [
  '.git-task/mirror.git/HEAD',
  '.git-task/mirror.git/packed-refs',
  '.git-task/mirror.git/refs/remotes/origin/main',
  '.git-task/mirror.git/refs/heads/agent/default/{task}',
]

const LEFT_IN_MIRROR = [
  '.git-task/mirror.git/logs/refs/heads/agent/default/{task}',
  '.git-task/mirror.git/logs/refs/heads/agent/default/other',
  '.git-task/mirror.git/worktrees/{registration}/index',
]

/** What is the same for every strategy comes once, with that for which there is most to do. */
export const PLACES: readonly Place[] = [
  ...folders('clone', ALL_LINKS, ['.git-task/scratch', '.git-task/mirror.git', 'tasks/{task}']),
  ...folders('clone', LINKS, [
    '..',
    '.',
    'tasks',
    'tasks/{task}/workdir',
    'tasks/{task}/workdir/.agent_context',
    '.git-task',
    '.git-task/sessions',
    '.git-task/locks',
    '.git-task/indexes',
    '.git-task/trash',
    '.git-task/trash/{task}',
    '.git-task/archives',
    '.git-task/archives.git',
    '.git-task/archives.git/refs/archives',
    '.git-task/archives.git/objects/pack',
    '.git-task/mirror.git/objects',
  ]),
  ...folders('worktree', ALL_LINKS, ['.git-task/mirror.git/objects/pack']),
  ...folders('worktree', LINKS, [
    '.git-task/mirror.git/logs/refs/heads/agent',
    '.git-task/mirror.git/refs/heads',
    '.git-task/mirror.git/refs/heads/agent',
    '.git-task/mirror.git/refs/remotes/origin',
    '.git-task/mirror.git/logs',
    '.git-task/mirror.git/worktrees',
  ]),
  { paths: PASSED, is: 'folder', kinds: LINKS, only: 'worktree' },
  { paths: TASK_FOLDERS, is: 'folder', kinds: LINKS, only: 'clone' },
  { paths: [...WRITTEN, REFLOG], is: 'file', kinds: ALL_LINKS, only: 'clone' },
  { paths: [...WRITTEN, ...REFUSED, ...PUT_RIGHT], is: 'file', kinds: ['hard link'], only: 'clone' },
  { paths: PUT_RIGHT, is: 'file', kinds: LINKS, only: 'clone' },
  ...[...REFUSED, '.git-task/locks/environment.lock'].map((path) => file('clone', path)),
  { paths: [...IN_MIRROR, ...LEFT_IN_MIRROR], is: 'file', kinds: ['hard link'], only: 'worktree' },
  { paths: LEFT_IN_MIRROR, is: 'file', kinds: ALL_LINKS, only: 'worktree' },
  ...IN_MIRROR.map((path) => file('worktree', path)),
]
