import { execFileSync } from 'node:child_process'
import { mkdir, symlink, truncate, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { isWorkspaceError } from 'git-task-isolation'
import { expect, test } from 'vitest'
import { parseSource } from '../../src/model/source.js'
import { agentWrites, failureOf, KEY, makeStage } from '../integration/verbs/stage.js'

const MEGABYTE = 1024 * 1024

/** A file that takes no room, however large it says it is. */
const holes =
  (name: string, megabytes: number) =>
  async (gitDir: string): Promise<void> => {
    await mkdir(dirname(join(gitDir, name)), { recursive: true })
    await writeFile(join(gitDir, name), '', { flag: 'a' })
    await truncate(join(gitDir, name), megabytes * MEGABYTE)
  }

/** What cannot be told is kept, and nothing of it is read. */
const UNREADABLE: Readonly<Record<string, (gitDir: string) => Promise<unknown>>> = {
  'packed refs of 70 megabytes': holes('packed-refs', 70),
  'a reflog of HEAD of 20 megabytes': holes('logs/HEAD', 20),
  'a reflog of a branch of 20 megabytes': holes('logs/refs/heads/x', 20),
  'an index of more than a gigabyte': holes('index', 1025),
  'a thousand worktrees and one': async (gitDir) => {
    for (let name = 0; name <= 1000; name += 1)
      await mkdir(join(gitDir, 'worktrees', String(name)), { recursive: true })
  },
}

test('what is too large to be read is unknown, and kept', async () => {
  const stage = await makeStage()
  for (const [what, spring] of Object.entries(UNREADABLE)) {
    const workspace = await stage.prepare({ taskId: what.replaceAll(' ', '-') })
    await spring(join(workspace.workDir, '.git'))
    const { key } = workspace
    const [told] = await stage.manager.status({ look: ['unsaved-work'] })
    expect(told?.unsavedWork?.unknown, what).toEqual([expect.stringMatching(/is odd|too (?:many|large)/)])
    expect((await failureOf(stage.manager.cleanup(key))).code, what).toBe('ARCHIVE_FAILED')
    await stage.manager.cleanup(key, { onUnsavedWork: 'discard' })
  }
})

test('a file of nothing but holes is not archived, and its workspace stays', async () => {
  const stage = await makeStage()
  const workspace = await stage.prepare()
  await holes('a-terabyte', 1024 * 1024)(workspace.workDir)
  expect(await failureOf(stage.manager.cleanup(KEY))).toMatchObject({
    code: 'ARCHIVE_FAILED',
    data: { limit: 'holes', path: join(workspace.workDir, 'a-terabyte') },
  })
  expect((await stage.manager.get(KEY))?.workDir).toBe(workspace.workDir)
})

/** What a clone's agent may make of its git dir, which reading it must survive: each held the orchestrator up once. */
const TRAPS: Readonly<Record<string, (gitDir: string) => Promise<unknown>>> = {
  'registrations that are pipes': async (gitDir) => {
    for (const name of ['1', '2', '3', '4', '5']) {
      await mkdir(join(gitDir, 'worktrees', name), { recursive: true })
      execFileSync('mkfifo', [join(gitDir, 'worktrees', name, 'gitdir')])
    }
    await writeFile(join(gitDir, 'HEAD.lock'), '')
  },
  'a registration without end': async (gitDir) => {
    await mkdir(join(gitDir, 'worktrees', '1'), { recursive: true })
    await symlink('/dev/zero', join(gitDir, 'worktrees', '1', 'gitdir'))
    await writeFile(join(gitDir, 'HEAD.lock'), '')
  },
  'folders of submodules that lead round in a circle': async (gitDir) => {
    await mkdir(join(gitDir, 'modules'))
    for (const name of ['a', 'b']) await symlink('.', join(gitDir, 'modules', name))
  },
}

test.each(Object.entries(TRAPS))('%s', async (_what, spring) => {
  const stage = await makeStage()
  const workspace = await stage.prepare()
  await agentWrites(workspace, 'work.txt')
  await spring(join(workspace.workDir, '.git'))
  const outcomes = [
    await workspace.refresh().catch((error: unknown) => error),
    await stage.manager.status({ look: ['unsaved-work'] }),
    await stage.manager.cleanup(KEY).catch((error: unknown) => error),
    await stage.manager.sweep(),
  ]
  for (const outcome of outcomes.filter((one) => one instanceof Error))
    expect(isWorkspaceError(outcome)).toBe(true)
  // Nothing of it is lost: it is archived, or the workspace is still there.
  const isThere = (await stage.manager.get(KEY)) !== undefined
  expect(isThere || (await stage.manager.archives(KEY)).length === 1).toBe(true)
})

test.each([
  'https:u:t0ken@host/r',
  'https:/u:t0ken@host/r',
  'http:\\\\u:t0ken@host/r',
  'SSH:/host/r',
  'git:host',
  'u:t0ken@127.0.0.1:/r',
  'user:t0ken@host:/r',
  'user:t0/ken@host:r',
  'user:t0ken@host/r',
])('a source with odd slashes is no host for ssh, and no path that is told: %s', (source) => {
  const refused = () => parseSource(source)
  expect(refused).toThrow(expect.objectContaining({ code: 'SOURCE_INVALID' }))
  expect(refused).not.toThrow(/t0/)
})
