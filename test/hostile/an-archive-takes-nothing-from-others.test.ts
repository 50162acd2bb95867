import { existsSync } from 'node:fs'
import { appendFile, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Workspace } from 'git-task-isolation'
import { expect, test } from 'vitest'
import { git, tryGit } from '../helpers/run-git.js'
import { createUpstream } from '../helpers/upstream.js'
import {
  agentCommits,
  agentWrites,
  failureOf,
  KEY,
  makeStage,
  type Stage,
} from '../integration/verbs/stage.js'

/** A repository that the orchestrator may read and the agent may not, and a commit of it whose id the agent knows. */
interface Others {
  readonly gitDir: string
  readonly commit: string
}

/** Each leads a clone's repository to the objects of the other one. */
const WAYS: Readonly<Record<string, (gitDir: string, others: Others) => Promise<unknown>>> = {
  alternates: (gitDir, others) =>
    appendFile(join(gitDir, 'objects/info/alternates'), `${others.gitDir}/objects\n`),
  'links to packs': async (gitDir, others) => {
    const [from, to] = [join(others.gitDir, 'objects/pack'), join(gitDir, 'objects/pack')]
    for (const name of await readdir(from)) await symlink(join(from, name), join(to, name))
  },
  'a link to the folder of packs': linksTo('objects/pack'),
  'a link to the folder of objects': linksTo('objects'),
  'a link to the repository': linksTo('.'),
}

function linksTo(name: string) {
  return async (gitDir: string, others: Others): Promise<void> => {
    await rm(join(gitDir, name), { recursive: true, force: true })
    await symlink(join(others.gitDir, name), join(gitDir, name))
  }
}

async function stageWithOthers(): Promise<{ stage: Stage; others: Others }> {
  const stage = await makeStage()
  const theirs = await createUpstream(join(stage.directory, 'theirs.git'), { files: { 'secret.txt': 'x\n' } })
  const gitDir = join(stage.directory, 'packed.git')
  await git(stage.directory, 'clone', '-q', '--bare', '--no-local', theirs.path, gitDir)
  return { stage, others: { gitDir, commit: await theirs.head() } }
}

/** A branch is a file that anybody can write. */
async function nameCommit({ workDir }: Workspace, commit: string): Promise<string> {
  const ref = join(workDir, '.git/refs/heads/theirs')
  await writeFile(ref, `${commit}\n`)
  return ref
}

test('what a repository leads to is neither archived nor checked out', async () => {
  const { stage, others } = await stageWithOthers()
  const { manager, layout } = stage
  for (const [way, leads] of Object.entries(WAYS)) {
    const workspace = await stage.prepare({ taskId: way.replaceAll(' ', '-') })
    const { key, workDir } = workspace
    await agentWrites(workspace, 'untracked.txt')
    await leads(join(workDir, '.git'), others)
    const ref = await nameCommit(workspace, others.commit)
    // The control: whoever may read the other repository is led there.
    expect(await git(workDir, 'show', `${others.commit}:secret.txt`), way).toBe('x')
    expect((await failureOf(workspace.refresh({ mode: 'rebase' }))).code, way).toBe('TAMPERED')
    expect((await failureOf(manager.cleanup(key))).code, way).toBe('ARCHIVE_FAILED')
    expect((await manager.get(key))?.workDir, way).toBe(workDir)
    const stored = await tryGit(layout.archivesRepository, 'cat-file', '-e', others.commit)
    expect(stored.code, way).not.toBe(0)
    if (way === 'a link to the repository') continue
    // What needs nothing from there is archived as ever.
    await rm(ref)
    expect(await manager.cleanup(key), way).toMatchObject({ action: 'removed', archive: expect.anything() })
  }
})

test('an alternate that is not there leads nowhere', async () => {
  const stage = await makeStage()
  const workspace = await stage.prepare()
  await agentCommits(workspace, 'work.txt')
  // As where a container has the mirror in another place.
  const alternates = join(workspace.workDir, '.git/objects/info/alternates')
  await appendFile(alternates, '/mnt/nowhere/objects\n')
  await stage.upstream.commit('main', { 'later.txt': 'later\n' })
  expect(await workspace.refresh({ mode: 'rebase' })).toMatchObject({ action: 'updated' })
  await writeFile(alternates, '/mnt/nowhere/objects\n')
  expect(await stage.manager.cleanup(KEY)).toMatchObject({ action: 'removed', archive: expect.anything() })
})

test('an archive of another task gives nothing to whoever knows an id in it', async () => {
  const { manager, layout, prepare } = await makeStage()
  const other = await prepare({ taskId: 'other' })
  const commit = await agentCommits(other, 'secret.txt')
  await manager.cleanup(other.key)
  // The control: the commit is in the repository that all archives of the environment share.
  await git(layout.archivesRepository, 'cat-file', '-e', commit)
  const workspace = await prepare()
  await nameCommit(workspace, commit)
  expect((await failureOf(manager.cleanup(KEY))).code).toBe('ARCHIVE_FAILED')
  // Its own task gets it back.
  const { workDir } = await manager.restore(other.key)
  expect(await git(workDir, 'rev-parse', 'HEAD')).toBe(commit)
})

test('a folder of large files that is a link is not archived', async () => {
  const { stage, others } = await stageWithOthers()
  const workspace = await stage.prepare()
  const lfs = join(workspace.workDir, '.git/lfs')
  await symlink(others.gitDir, lfs)
  await agentWrites(workspace, 'untracked.txt')
  // The control: by its name it has files.
  expect(await readdir(join(lfs, 'objects/pack'))).not.toEqual([])
  await stage.manager.cleanup(KEY)
  await stage.manager.restore(KEY)
  expect(existsSync(join(workspace.workDir, 'untracked.txt'))).toBe(true)
  expect(existsSync(lfs)).toBe(false)
})
