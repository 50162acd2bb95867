import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { constants } from 'node:fs'
import { copyFile, mkdir, open, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Workspace } from 'git-task-isolation'
import { vi } from 'vitest'
import { git } from '../helpers/run-git.js'
import type { HostileStage } from './hostile-stage.js'

export interface Swap {
  /** Where it is done, if not in both: what the code looks at alike is swapped in one. */
  readonly only?: 'clone' | 'worktree'
  readonly does: (place: Place) => Promise<unknown>
  /** Plain git, which is led to somebody else's. Left out where nothing but a verb of the manager's is. */
  readonly control?: (place: Place) => Promise<unknown>
  /** How the control is told; default: something of somebody else's has changed. */
  readonly shows?: 'a sentinel' | 'no end'
}

/** A task of its own for each swap. */
export interface Place {
  readonly stage: HostileStage
  readonly workspace: Workspace
  /** Its `.git` folder, or its registration in the mirror. */
  readonly gitDir: string
  readonly victimGitDir: string
  readonly outside: string
}

const WRITE_AT_ONCE = constants.O_WRONLY | constants.O_NONBLOCK
const WAIT = { timeout: 10_000, interval: 5 }

const commits = ({ workspace }: Place) => git(workspace.workDir, 'commit', '--allow-empty', '-m', 'x')

async function replaceByLink(path: string, target: string): Promise<void> {
  await rm(path, { recursive: true, force: true })
  await symlink(target, path)
}

const links = (name: string, to: (place: Place) => string) => (place: Place) =>
  replaceByLink(join(place.gitDir, name), to(place))

const victims = (name: string) => (place: Place) => join(place.victimGitDir, name)
const outside = (name: string) => (place: Place) => join(place.outside, name)

async function pipeAt(path: string): Promise<void> {
  await rm(path, { force: true })
  await promisify(execFile)('mkfifo', [path])
}

/** Plain git waits for somebody to write into the pipe: without a reader nobody could open it for that at once. */
const waitsFor = (name: string) => async (place: Place) => {
  const child = spawn('git', ['-C', place.workspace.workDir, 'status'], { stdio: 'ignore' })
  const ended = once(child, 'exit')
  const opened = await vi.waitFor(() => open(join(place.gitDir, name), WRITE_AT_ONCE), WAIT)
  child.kill('SIGKILL')
  await ended
  await opened.close()
}

export const SWAPS: Readonly<Record<string, Swap>> = {
  'a .git that is a link to that of another task': {
    does: ({ workspace, stage }) =>
      replaceByLink(join(workspace.workDir, '.git'), join(stage.victim.workDir, '.git')),
    control: commits,
  },
  'a .git file that names another repository': {
    does: async ({ workspace, victimGitDir }) => {
      await rm(join(workspace.workDir, '.git'), { recursive: true })
      await writeFile(join(workspace.workDir, '.git'), `gitdir: ${victimGitDir}\n`)
    },
    control: commits,
  },
  'a .git file that names an armed repository': {
    only: 'clone',
    does: async ({ workspace, stage }) => {
      const armed = join(workspace.rootDir, 'state', 'armed')
      await git(workspace.rootDir, 'clone', '-q', '--no-checkout', stage.upstream.path, armed)
      await git(armed, 'config', 'core.fsmonitor', await stage.sentinels.program('armed-repository'))
      await rm(join(workspace.workDir, '.git'), { recursive: true })
      await writeFile(join(workspace.workDir, '.git'), `gitdir: ${join(armed, '.git')}\n`)
    },
    control: ({ workspace }) => git(workspace.workDir, 'status'),
    shows: 'a sentinel',
  },
  'a common folder of another task': {
    does: ({ gitDir, victimGitDir }) => writeFile(join(gitDir, 'commondir'), `${victimGitDir}\n`),
    only: 'clone',
    control: (place) => git(place.workspace.workDir, 'tag', 'by-attacker', 'refs/heads/agent/default/victim'),
  },
  'a common folder that is armed': {
    does: async ({ gitDir, workspace, stage }) => {
      const armed = join(workspace.rootDir, 'state', 'armed.git')
      await git(workspace.rootDir, 'clone', '-q', '--bare', stage.upstream.path, armed)
      await git(armed, 'config', 'core.fsmonitor', await stage.sentinels.program('armed-common'))
      await writeFile(join(gitDir, 'commondir'), `${armed}\n`)
    },
    only: 'worktree',
    // The manager has put it right.
    control: async ({ gitDir, workspace }) => {
      await writeFile(join(gitDir, 'commondir'), `${join(workspace.rootDir, 'state', 'armed.git')}\n`)
      await git(workspace.workDir, 'status')
    },
    shows: 'a sentinel',
  },
  'refs that are those of another task': {
    does: links('refs', victims('refs')),
    only: 'clone',
    control: (place) => git(place.workspace.workDir, 'update-ref', 'refs/heads/by-attacker', 'origin/main'),
  },
  'a reflog that is a file elsewhere': {
    does: async (place) => {
      await mkdir(join(place.gitDir, 'logs'), { recursive: true })
      await links('logs/HEAD', outside('file'))(place)
    },
    control: commits,
  },
  'a reflog of upstream that is a file elsewhere': {
    does: async (place) => {
      await mkdir(join(place.gitDir, 'logs/refs/remotes/origin'), { recursive: true })
      await links('logs/refs/remotes/origin/main', outside('file'))(place)
    },
    only: 'clone',
    control: (place) =>
      git(place.workspace.workDir, 'update-ref', 'refs/remotes/origin/main', 'origin/theirs'),
  },
  'packed refs that are a file elsewhere': {
    does: async (place) => {
      await writeFile(join(place.outside, 'file'), '# pack-refs with: peeled fully-peeled sorted \n')
      await links('packed-refs', outside('file'))(place)
    },
    only: 'clone',
    control: ({ workspace }) => git(workspace.workDir, 'pack-refs', '--all'),
  },
  'objects that are a folder elsewhere': {
    does: async (place) => {
      await rm(join(place.outside, 'objects'), { recursive: true, force: true })
      await rename(join(place.gitDir, 'objects'), join(place.outside, 'objects'))
      await symlink(join(place.outside, 'objects'), join(place.gitDir, 'objects'))
    },
    only: 'clone',
    control: commits,
  },
  'an index that is a file elsewhere': {
    only: 'worktree',
    does: async (place) => {
      await copyFile(join(place.gitDir, 'index'), join(place.outside, 'file'))
      await links('index', outside('file'))(place)
    },
    control: ({ workspace }) => git(workspace.workDir, 'update-index', '--assume-unchanged', 'README.md'),
  },
  // That git reads them is shown by `an-archive-takes-nothing-from-others`; it writes nothing there.
  'objects borrowed from another task': {
    does: ({ gitDir, victimGitDir }) =>
      writeFile(join(gitDir, 'objects/info/alternates'), `${victimGitDir}/objects\n`),
    only: 'clone',
  },
  'a registration that is that of another task': {
    does: ({ gitDir, victimGitDir }) => replaceByLink(gitDir, victimGitDir),
    only: 'worktree',
    control: commits,
  },
  'a checkout that is that of another task': {
    only: 'worktree',
    does: ({ workspace, stage }) => replaceByLink(workspace.workDir, stage.victim.workDir),
    control: ({ workspace }) => writeFile(join(workspace.workDir, 'README.md'), 'by attacker\n'),
  },
  'an index that is a pipe': {
    only: 'clone',
    does: ({ gitDir }) => pipeAt(join(gitDir, 'index')),
    control: waitsFor('index'),
    shows: 'no end',
  },
  // In a worktree it keeps every git in the mirror waiting: `repairMirror` takes it away.
  'a HEAD that is a pipe': {
    does: ({ gitDir }) => pipeAt(join(gitDir, 'HEAD')),
    only: 'clone',
    control: waitsFor('HEAD'),
    shows: 'no end',
  },
}
