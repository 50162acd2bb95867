import { mkdir, readdir, symlink, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { Git } from '../../../src/git/git.js'
import { git as plainGit } from '../../helpers/run-git.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { rejection } from '../../unit/git/fake-git.js'
import { bareRepository, lockRefs, managedRepository, untilAbandoned, WaitingGit } from './waiting-git.js'

const onLinux = it.runIf(process.platform === 'linux')

onLinux('the locks of a killed change of many refs are cleared away by the next one', async () => {
  const { root, gitDir, commit } = await managedRepository()
  const refs = ['refs/heads/a', 'refs/heads/b', 'refs/heads/c']
  const creations = refs.map((ref) => `create ${ref} ${commit}`)
  const killed = await lockRefs({ gitDir }, ...creations)
  await killed.kill()
  expect((await readdir(join(gitDir, 'refs/heads'))).sort()).toEqual(['a.lock', 'b.lock', 'c.lock', 'main'])
  await untilAbandoned(join(gitDir, 'refs/heads/c.lock'))
  const git = new Git({ gitTimeoutMs: 10_000, ownDirectory: root })
  await git.run({ gitDir, args: ['update-ref', '--stdin'], input: `${creations.join('\n')}\n` })
  expect((await readdir(join(gitDir, 'refs/heads'))).sort()).toEqual(['a', 'b', 'c', 'main'])
})

onLinux('the same of packed refs, with the file that was to replace them', async () => {
  const { root, gitDir, commit } = await managedRepository()
  await plainGit(gitDir, 'pack-refs', '--all')
  const killed = await lockRefs({ gitDir }, `delete refs/heads/main ${commit}`)
  await killed.kill()
  expect(await readdir(gitDir)).toEqual(expect.arrayContaining(['packed-refs.lock', 'packed-refs.new']))
  await untilAbandoned(join(gitDir, 'packed-refs.new'))
  const git = new Git({ gitTimeoutMs: 10_000, ownDirectory: root })
  await git.run({ gitDir, args: ['update-ref', '-d', 'refs/heads/main', commit] })
  expect(await plainGit(gitDir, 'for-each-ref')).toBe('')
})

onLinux('the same of an index', async () => {
  const { root, environment, gitDir, commit } = await managedRepository()
  const [indexFile, workTree] = [join(environment, 'index'), join(environment, 'tasks')]
  await mkdir(workTree)
  const killed = await WaitingGit.start(gitDir, ['update-index', '--index-info'], {
    GIT_INDEX_FILE: indexFile,
  })
  await expect.poll(() => readdir(environment)).toContain('index.lock')
  await killed.kill()
  await untilAbandoned(`${indexFile}.lock`)
  const git = new Git({ gitTimeoutMs: 10_000, ownDirectory: root })
  await git.run({ gitDir, workTree, indexFile, args: ['read-tree', '--reset', '-u', commit] })
  expect(await readdir(environment)).not.toContain('index.lock')
})

onLinux('a fetch gets the refs that were locked', async () => {
  const { root, gitDir } = await managedRepository()
  const upstream = join(await temporaryDirectory(), 'upstream.git')
  const commit = await bareRepository(upstream)
  await (await lockRefs({ gitDir }, `create refs/remotes/origin/main ${commit}`)).kill()
  await untilAbandoned(join(gitDir, 'refs/remotes/origin/main.lock'))
  const git = new Git({ gitTimeoutMs: 10_000, ownDirectory: root })
  const network = { protocols: ['file' as const], url: upstream }
  await git.run({ gitDir, network, args: ['fetch', '--', upstream, '+refs/heads/*:refs/remotes/origin/*'] })
  expect(await plainGit(gitDir, 'rev-parse', 'refs/remotes/origin/main')).toBe(commit)
})

onLinux('a command that stops halfway is not run again, but finds no lock the next time', async () => {
  const { root, gitDir } = await managedRepository()
  await writeFile(join(gitDir, 'config.lock'), '')
  await untilAbandoned(join(gitDir, 'config.lock'))
  const git = new Git({ gitTimeoutMs: 10_000, ownDirectory: root })
  const call = { gitDir, args: ['config', '--local', 'a.b', 'c'] }
  expect(await rejection(git.run(call))).toMatchObject({ code: 'GIT_FAILED', retryable: true })
  expect(git.processCount).toBe(1)
  await git.run(call)
})

onLinux('many that meet the same lock all go on', async () => {
  const { root, gitDir, commit } = await managedRepository()
  await (await lockRefs({ gitDir }, `update refs/heads/main ${commit}`)).kill()
  await untilAbandoned(join(gitDir, 'refs/heads/main.lock'))
  const git = new Git({ gitTimeoutMs: 10_000, ownDirectory: root })
  // Long enough that all of them still wait for the lock when the first gives up.
  const call = { gitDir, args: ['update-ref', 'refs/heads/main', commit], config: PATIENT }
  await Promise.all(Array.from({ length: 6 }, () => git.run(call)))
  expect(await readdir(join(gitDir, 'refs/heads'))).toEqual(['main'])
})

const PATIENT = { 'core.filesRefLockTimeout': '1000' }

it('a lock outside the own directory stays, also behind a link in it, and the failure may be tried again', async () => {
  const { root, commit } = await managedRepository()
  const callers = join(await temporaryDirectory(), 'callers.git')
  await bareRepository(callers)
  await symlink(callers, join(root, 'link.git'))
  await writeFile(join(callers, 'refs/heads/a.lock'), '')
  const git = new Git({ gitTimeoutMs: 10_000, ownDirectory: root })
  for (const gitDir of [callers, join(root, 'link.git')]) {
    const failed = await rejection(git.run({ gitDir, args: ['update-ref', 'refs/heads/a', commit] }))
    expect(failed).toMatchObject({ code: 'GIT_FAILED', retryable: true })
    expect(failed.message).toContain('a lock of the repository is held')
  }
  expect(await readdir(join(callers, 'refs/heads'))).toContain('a.lock')
})

onLinux(
  "a lock of the manager's own ref is cleared away in a caller's repository, and no other",
  async () => {
    const gitDir = join(await temporaryDirectory(), 'callers.git')
    const commit = await bareRepository(gitDir)
    await (
      await lockRefs({ gitDir }, `create refs/heads/a ${commit}`, `create refs/heads/b ${commit}`)
    ).kill()
    await untilAbandoned(join(gitDir, 'refs/heads/b.lock'))
    const git = new Git({ gitTimeoutMs: 10_000 })
    await git.run({ gitDir, args: ['update-ref', 'refs/heads/a', commit], ownRefs: ['refs/heads/a'] })
    expect((await readdir(join(gitDir, 'refs/heads'))).sort()).toEqual(['a', 'b.lock', 'main'])
  },
)

const undecided = [
  { name: 'others may be at work', othersAtWork: () => Promise.resolve('others' as const) },
  { name: 'it cannot be learnt whether others are', othersAtWork: () => Promise.reject(unreadable()) },
]

it.each(undecided)('a lock stays while $name', async ({ othersAtWork }) => {
  const { root, gitDir, commit } = await managedRepository()
  const lock = join(gitDir, 'refs/heads/a.lock')
  await writeFile(lock, '')
  const git = new Git({ gitTimeoutMs: 10_000, ownDirectory: root, othersAtWork })
  const call = { gitDir, args: ['update-ref', 'refs/heads/a', commit] }
  expect(await rejection(git.run(call))).toMatchObject({ code: 'GIT_FAILED', retryable: true })
  expect(await readdir(join(gitDir, 'refs/heads'))).toContain('a.lock')
  await unlink(lock)
  await git.run(call)
})

it('a defect in what tells about others is not hidden', async () => {
  const { root, gitDir, commit } = await managedRepository()
  await writeFile(join(gitDir, 'refs/heads/a.lock'), '')
  const othersAtWork = () => Promise.reject(new TypeError('a defect'))
  const git = new Git({ gitTimeoutMs: 10_000, ownDirectory: root, othersAtWork })
  const running = git.run({ gitDir, args: ['update-ref', 'refs/heads/a', commit] })
  await expect(running).rejects.toThrow('a defect')
})

function unreadable(): Error {
  return Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', syscall: 'read' })
}

it('what a remote says about locks is not believed', async () => {
  const { root, gitDir } = await managedRepository()
  const lock = join(gitDir, 'refs/heads/a.lock')
  await writeFile(lock, '')
  const environment = {
    ...process.env,
    PATH: await binWithGit(`echo "remote: Unable to create '${lock}': File exists" >&2; exit 1`),
  }
  const git = new Git({ gitTimeoutMs: 10_000, ownDirectory: root, environment })
  expect(await rejection(git.run({ gitDir, args: ['fetch'] }))).toMatchObject({ retryable: false })
  expect(await readdir(join(gitDir, 'refs/heads'))).toContain('a.lock')
})

async function binWithGit(script: string): Promise<string> {
  const bin = await temporaryDirectory()
  await writeFile(join(bin, 'git'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  return `${bin}:${process.env['PATH']}`
}
