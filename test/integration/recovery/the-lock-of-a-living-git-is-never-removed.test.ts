import { spawn, spawnSync } from 'node:child_process'
import { chown, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { isAbandoned } from '../../../src/git/abandoned-files.js'
import { Git } from '../../../src/git/git.js'
import { git as plainGit } from '../../helpers/run-git.js'
import { runTypeScript } from '../../helpers/run-program.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { rejection } from '../../unit/git/fake-git.js'
import {
  bareRepository,
  lockRefs,
  managedRepository,
  outliveTheMargin,
  untilAbandoned,
  WaitingGit,
} from './waiting-git.js'

const onLinux = describe.runIf(process.platform === 'linux')

onLinux('the lock of a git', () => {
  it.each(['waits', 'is stopped'] as const)('that %s stays, until it is killed', async (state) => {
    const { root, gitDir, commit } = await managedRepository()
    const living = await lockRefs({ gitDir }, `create refs/heads/a ${commit}`)
    if (state === 'is stopped') living.signal('SIGSTOP')
    const git = new Git({ gitTimeoutMs: 10_000, ownDirectory: root })
    const call = { gitDir, args: ['update-ref', 'refs/heads/a', commit] }
    const failed = await rejection(git.run(call))
    expect(failed).toMatchObject({ code: 'GIT_FAILED', retryable: true })
    expect(git.processCount).toBe(1)
    expect(await readdir(join(gitDir, 'refs/heads'))).toContain('a.lock')
    await living.kill()
    await untilAbandoned(join(gitDir, 'refs/heads/a.lock'))
    await git.run(call)
  })

  it('stays among the dead locks of others, which go', async () => {
    const { root, gitDir, commit } = await managedRepository()
    await (await lockRefs({ gitDir }, `create refs/heads/dead ${commit}`)).kill()
    await untilAbandoned(join(gitDir, 'refs/heads/dead.lock'))
    const living = await lockRefs({ gitDir }, `create refs/heads/living ${commit}`)
    const git = new Git({ gitTimeoutMs: 10_000, ownDirectory: root })
    await git.run({ gitDir, args: ['update-ref', 'refs/heads/dead', commit] })
    expect((await readdir(join(gitDir, 'refs/heads'))).sort()).toEqual(['dead', 'living.lock', 'main'])
    living.write('commit\n')
    await living.says('commit: ok')
    expect(await plainGit(gitDir, 'rev-parse', 'refs/heads/living')).toBe(commit)
  })
})

function aboveTheRoot(gitDir: string): string {
  return resolve(gitDir, '../../../../..')
}

/** How a git that works on the repository may have been told where it is, other than by its current folder. */
const ways = [
  { name: 'an option', args: (gitDir: string) => [`--git-dir=${gitDir}`] },
  { name: 'GIT_DIR', environment: (gitDir: string) => ({ GIT_DIR: gitDir }) },
  {
    name: 'a relative GIT_DIR',
    cwd: aboveTheRoot,
    environment: (gitDir: string) => ({ GIT_DIR: relative(aboveTheRoot(gitDir), gitDir) }),
  },
  { name: 'a link', args: (_: string, link: string) => [`--git-dir=${link}`] },
  { name: 'a task of the same environment', cwd: (gitDir: string) => join(gitDir, '../../tasks') },
] as const

onLinux('a lock stays while a git that may have made it', () => {
  it.each(ways)('lives that knows the repository by $name', async (way) => {
    const { environment, gitDir, commit } = await managedRepository()
    const link = join(await temporaryDirectory(), 'link')
    await symlink(gitDir, link)
    await mkdir(join(environment, 'tasks'))
    await plainGit(join(environment, 'tasks'), 'init', '--quiet')
    const cwd = 'cwd' in way ? way.cwd(gitDir) : await repositoryElsewhere()
    const args = 'args' in way ? way.args(gitDir, link) : []
    const variables = 'environment' in way ? way.environment(gitDir) : {}
    const living = await waitingWriter(cwd, args, variables)
    const lock = await lockNobodyHolds(gitDir)
    expect(await isAbandoned(lock)).toBe(false)
    await living.kill()
    await untilAbandoned(lock)
    expect(await plainGit(gitDir, 'rev-parse', 'main')).toBe(commit)
  })

  it('lives in a worktree that stands elsewhere', async () => {
    const { gitDir } = await managedRepository()
    const worktree = join(await temporaryDirectory(), 'worktree')
    await plainGit(gitDir, 'worktree', 'add', '--quiet', '--detach', worktree, 'main')
    const living = await waitingWriter(worktree)
    const lock = await lockNobodyHolds(gitDir)
    expect(await isAbandoned(lock)).toBe(false)
    await living.kill()
    await untilAbandoned(lock)
  })

  it('but one that came later, or works elsewhere, does not matter', async () => {
    const { gitDir } = await managedRepository()
    await waitingWriter(await repositoryElsewhere())
    const lock = await lockNobodyHolds(gitDir)
    await untilAbandoned(lock)
    await waitingWriter(gitDir)
    await untilAbandoned(lock)
  })

  it('but one that only reads, as our own look-ups do, does not matter either', async () => {
    const { root, gitDir, commit } = await managedRepository()
    const git = new Git({ gitTimeoutMs: 10_000, ownDirectory: root })
    onTestFinished(() => git.close())
    expect(await git.commits(gitDir, ['main'])).toEqual([commit])
    await (await lockRefs({ gitDir }, `create refs/heads/a ${commit}`)).kill()
    await untilAbandoned(join(gitDir, 'refs/heads/a.lock'))
    await git.run({ gitDir, args: ['update-ref', 'refs/heads/a', commit] })
    expect(await git.commits(gitDir, ['a'])).toEqual([commit])
  })

  it('is a cat-file with options by which it may write', async () => {
    const { gitDir } = await managedRepository()
    await WaitingGit.start(gitDir, ['cat-file', '--batch', '--textconv'])
    const lock = await lockNobodyHolds(gitDir)
    expect(await isAbandoned(lock)).toBe(false)
  })

  it('came later by a clock that was set in the meantime', async () => {
    const { gitDir } = await managedRepository()
    const lock = await lockNobodyHolds(gitDir)
    await outliveTheMargin(lock)
    await waitingWriter(gitDir)
    const trueNow = Date.now
    const jumped = vi.spyOn(Date, 'now').mockImplementation(() => trueNow() + 3_600_000)
    onTestFinished(() => jumped.mockRestore())
    expect(await isAbandoned(lock)).toBe(false)
  })

  it('works with the very file, even if it came later', async () => {
    const { gitDir } = await managedRepository()
    const lock = await lockNobodyHolds(gitDir)
    await outliveTheMargin(lock)
    const writer = await waitingWriter(gitDir, [], { GIT_SHALLOW_FILE: lock })
    expect(await isAbandoned(lock)).toBe(false)
    await writer.kill()
    await untilAbandoned(lock)
  })

  it.runIf(process.getuid?.() === 0)('sees other files under the same names', async () => {
    const { gitDir } = await managedRepository()
    const elsewhere = await repositoryElsewhere()
    const args = ['--mount', 'git', 'update-ref', '--stdin']
    const child = spawn('unshare', args, { cwd: elsewhere, stdio: ['pipe', 'pipe', 'inherit'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    child.stdin.write('start\n')
    await new Promise((resolve) => child.stdout.once('data', resolve))
    const lock = await lockNobodyHolds(gitDir)
    expect(await isAbandoned(lock)).toBe(false)
    child.kill('SIGKILL')
    await untilAbandoned(lock)
  })

  // The superuser may look into every process, so another user looks.
  it.runIf(process.getuid?.() === 0)('belongs to somebody else and cannot be looked into', async () => {
    const folder = await temporaryDirectory()
    const lock = join(folder, 'index.lock')
    await writeFile(lock, '')
    await chown(folder, 65_534, 65_534)
    const living = await waitingWriter(await repositoryElsewhere())
    const script = join(import.meta.dirname, 'ask-as-nobody.ts')
    const { stdout, stderr } = await runTypeScript(script, [lock, String(living.pid)])
    expect({ stdout, stderr }).toEqual({ stdout: 'kept\nabandoned\n', stderr: '' })
  })
})

describe('what is no abandoned lock', () => {
  it('is a link, a pipe, or nothing at all', async () => {
    const { gitDir } = await managedRepository()
    const names = ['link.lock', 'pipe.lock', 'nothing.lock', 'file/nothing.lock']
    const [link = '', pipe = '', ...nothing] = names.map((name) => join(gitDir, name))
    await writeFile(join(gitDir, 'file'), '')
    await symlink(join(gitDir, 'HEAD'), link)
    spawnSync('mkfifo', [pipe])
    for (const path of [link, pipe, ...nothing]) expect(await isAbandoned(path)).toBe(false)
  })

  it('is any lock where processes cannot be seen', async () => {
    const { gitDir } = await managedRepository()
    const lock = await lockNobodyHolds(gitDir)
    const platform = vi.spyOn(process, 'platform', 'get').mockReturnValue('darwin')
    onTestFinished(() => platform.mockRestore())
    expect(await isAbandoned(lock)).toBe(false)
  })
})

async function lockNobodyHolds(gitDir: string): Promise<string> {
  const lock = join(gitDir, 'packed-refs.lock')
  await rm(lock, { force: true })
  await writeFile(lock, '')
  return lock
}

async function repositoryElsewhere(): Promise<string> {
  const directory = join(await temporaryDirectory(), 'elsewhere.git')
  await bareRepository(directory)
  return directory
}

/** A git that has begun a change of the repository and waits to be told what to change. */
async function waitingWriter(
  cwd: string,
  args: readonly string[] = [],
  environment: NodeJS.ProcessEnv = {},
): Promise<WaitingGit> {
  const writer = await WaitingGit.start(cwd, [...args, 'update-ref', '--stdin'], environment)
  writer.write('start\n')
  await writer.says('start: ok')
  return writer
}
