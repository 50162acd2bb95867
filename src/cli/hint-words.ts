import type { WorkspaceError } from 'git-task-isolation'

/**
 * What the library's hints call things, and what the program calls them: who types commands has no `onUnsavedWork`. In
 * the order in which they are looked for; a hint without any of them is said as it is.
 */
const WORDS: readonly (readonly [library: RegExp, program: string])[] = [
  [
    /^Correct the option named in the message\.$/,
    'Correct what the message names; --help tells what there is.',
  ],
  [/, or lower maxConcurrentCheckouts/, ''],
  [/register yours in `strategies`/, '--strategy worktree, directory or local'],
  [/^Use a built-in strategy/, 'Use --strategy clone'],
  [/^Finish the session that holds it/, 'Finish the session that holds it with git task finish'],
  [/, set ifExists to 'recreate'/, ', remove it first with git task cleanup'],
  [/restore to another task or run id/, 'use --as or --as-run'],
  [
    /^Clean up the (session|workspace) that (works there|is there first)/,
    'Clean up the $1 that $2 with git task cleanup',
  ],
  [/another task or run id/, 'another task or --run'],
  [/another branch, run id or branchTemplate/, 'another branch, --run or GIT_TASK_BRANCH_TEMPLATE'],
  [/set onBranchTaken to 'suffix'/, 'add --suffix'],
  [/onBranchTaken 'suffix'/, '--suffix'],
  [/raise lockTimeoutMs/, 'raise GIT_TASK_LOCK_TIMEOUT_MS'],
  [/raise gitTimeoutMs/, 'raise GIT_TASK_GIT_TIMEOUT_MS'],
  [
    /raise the limit named in the message/,
    'raise GIT_TASK_MAX_REPOSITORY_BYTES or GIT_TASK_MAX_FILES, whichever the message is about',
  ],
  [/^Give credentials that may/, "Give git's credential helper, or ssh, an account that may"],
  [
    /^Give the credentials apart from the URL/,
    "Leave them out of the URL, and give them to git's credential helper",
  ],
  [/^Set credentials\.host to the host they are for/, 'Name a source on the host that they are for'],
  [/^Read the stderr in the error data/, 'Give the command again with --json, which prints what git said'],
  [/^Look at the file named in the error data/, 'git task doctor tells what there is to do about it'],
  [/named in the error data/, 'that --json names in the data of the error'],
  [
    /what the error data lists, or sweep/,
    'what --json lists in the data of the error, or use git task sweep',
  ],
  [/^Prepare the workspace first/, 'Prepare the workspace first with git task prepare'],
  [
    /Push the work, or set onUnsavedWork to 'discard' to lose it/,
    'Push the work, or use --on-unsaved-work archive to keep it in an archive, or discard to lose it',
  ],
  [/onUnsavedWork 'archive', or 'discard'/, '--on-unsaved-work archive, or discard'],
  [/onUnsavedWork 'discard'/, '--on-unsaved-work discard'],
  [/the mode 'rebase' or 'reset'/, '--mode rebase or --mode reset'],
  [/the mode 'rebase'/, '--mode rebase'],
  [/with the freshness mode 'prefer' or 'require'/, 'while the remote can be reached'],
  [/with archives\(\)/, 'with git task archives'],
  [/^Create a new WorkspaceManager/, 'Give the command again'],
  [/repository as `source`/, 'repository with --source'],
  [/folder as `source`/, 'folder with --source'],
  [/^Set baseRef to a branch of the source/, 'Name a branch of the source with --base'],
  [/Leave `(\w+)` out/, 'Leave --$1 out'],
  [/the strategy '(\w+)'/g, '--strategy $1'],
  [/^Set root to a folder that/, 'Name a folder with --root that'],
  [/^Set a root that is/, 'Name a --root that is'],
  [/set another root/, 'name another --root'],
]

/** What to do about an error, in words of the program. */
export function hintOf({ hint }: Pick<WorkspaceError, 'hint'>): string {
  return WORDS.reduce((text, [library, program]) => text.replace(library, program), hint)
}
