import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { git } from '../../helpers/run-git.js'
import { snapshotTree } from '../../helpers/tree-snapshot.js'
import { isThere } from './presence.js'
import {
  agentCommits,
  agentGit,
  agentWrites,
  CHECKOUTS,
  failureOf,
  KEY,
  makeStage,
  type Stage,
} from './stage.js'

const archivedFiles = (stage: Stage, archiveId: string) =>
  git(stage.layout.archivesRepository, 'ls-tree', '-r', '--name-only', `refs/archives/${archiveId}/snapshot`)

async function auditEvents(stage: Stage): Promise<Record<string, unknown>[]> {
  const log = await readFile(stage.layout.auditFile, 'utf8')
  return log
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
}

describe.each([...CHECKOUTS, 'directory'])('with the strategy %s', (strategy) => {
  test('unsaved work is archived, and only then the workspace goes', async () => {
    const stage = await makeStage()
    const workspace = await stage.prepare({ strategy })
    await agentWrites(workspace, 'new file.txt')
    const report = await workspace.cleanup()
    expect(report).toMatchObject({ action: 'removed', archive: { ...KEY, contains: { untracked: 1 } } })
    const archiveId = report.archive?.archiveId ?? ''
    expect(await archivedFiles(stage, archiveId)).toContain('new file.txt')
    expect(await isThere(workspace.rootDir)).toBe(false)
    const told = (await auditEvents(stage)).map(({ event }) => event)
    expect(told.filter((event) => String(event).startsWith('cleanup.'))).toEqual([
      'cleanup.started',
      'cleanup.archived',
      'cleanup.completed',
    ])
    expect(await auditEvents(stage)).toContainEqual(
      expect.objectContaining({ event: 'cleanup.archived', archive_id: archiveId }),
    )
  })

  test('of a workspace in which nothing is unsaved there is no archive', async () => {
    const stage = await makeStage()
    const workspace = await stage.prepare({ strategy })
    const report = await workspace.cleanup()
    expect(report).toMatchObject({ action: 'removed', archive: undefined })
    expect(report.freedBytes).toBeGreaterThan(0)
    expect(await isThere(stage.layout.archivesRepository)).toBe(false)
  })

  test('where it cannot be archived, the workspace stays as it was', async () => {
    const stage = await makeStage()
    const workspace = await stage.prepare({ strategy })
    await agentWrites(workspace, 'new file.txt')
    await writeFile(stage.layout.archivesRepository, 'in the way')
    const before = await snapshotTree(workspace.rootDir, { mtime: true })
    const error = await failureOf(workspace.cleanup())
    expect(error.code).toBe('ARCHIVE_FAILED')
    expect(await snapshotTree(workspace.rootDir, { mtime: true })).toEqual(before)
    expect(await stage.manager.list()).toMatchObject([{ state: 'ready' }])
    await rm(stage.layout.archivesRepository)
    expect(await workspace.cleanup()).toMatchObject({ action: 'removed', archive: { ...KEY } })
  })

  test('recreate archives what the workspace had before it makes a new one', async () => {
    const stage = await makeStage()
    const workspace = await stage.prepare({ strategy })
    await agentWrites(workspace, 'new file.txt')
    const archived: string[] = []
    stage.manager.on('cleanup.archived', ({ archiveId }) => archived.push(archiveId))
    const again = await stage.prepare({ strategy, ifExists: 'recreate' })
    expect(again.reused).toBe(false)
    expect(await isThere(join(again.workDir, 'new file.txt'))).toBe(false)
    expect(archived).toHaveLength(1)
    expect(await archivedFiles(stage, archived[0] ?? '')).toContain('new file.txt')
  })
})

test('ignored files are archived where the caller asks for them, and else go', async () => {
  const stage = await makeStage()
  const ignoring = async () => {
    const workspace = await stage.prepare()
    await agentWrites(workspace, '.gitignore', 'build/\n')
    await agentGit(workspace, 'add', '.gitignore')
    await agentGit(workspace, 'commit', '--quiet', '-m', 'Ignore')
    await agentGit(workspace, 'push', '--quiet', '--force', 'origin', 'HEAD:refs/heads/ignoring')
    await mkdir(join(workspace.workDir, 'build'))
    await agentWrites(workspace, 'build/result.bin')
    return workspace
  }
  expect(await (await ignoring()).cleanup()).toMatchObject({ action: 'removed', archive: undefined })
  const report = await (await ignoring()).cleanup({ includeIgnored: ['build/**'] })
  expect(report.action).toBe('removed')
  expect(await archivedFiles(stage, report.archive?.archiveId ?? '')).toContain('build/result.bin')
})

test.each([
  { includeIgnored: [] },
  { includeIgnored: '' },
  { includeIgnored: false },
  { includeIgnored: [''] },
])('%j is refused', async (wrong) => {
  const { manager } = await makeStage()
  const options = JSON.parse(JSON.stringify(wrong))
  expect((await failureOf(manager.cleanup(KEY, options))).code).toBe('OPTIONS_INVALID')
})

describe("a worktree's branch in the mirror", () => {
  const branches = (stage: Stage) =>
    git(stage.layout.mirrorDir, 'for-each-ref', '--format=%(refname:short)', 'refs/heads')

  test('goes when its commits are archived, and the report says so', async () => {
    const stage = await makeStage()
    const workspace = await stage.prepare({ strategy: 'worktree' })
    const commit = await agentCommits(workspace, 'work.txt')
    const report = await workspace.cleanup()
    const archiveId = report.archive?.archiveId ?? 'none'
    expect(report.branch).toEqual({
      name: workspace.branch,
      deleted: true,
      why: `its commits are in the archive ${archiveId}`,
    })
    expect(await branches(stage)).toBe('')
    const archived = await git(
      stage.layout.archivesRepository,
      ...['for-each-ref', '--contains', commit, '--format=%(refname)', `refs/archives/${archiveId}`],
    )
    expect(archived).not.toBe('')
  })

  test('goes when its commits are to be discarded', async () => {
    const stage = await makeStage()
    const workspace = await stage.prepare({ strategy: 'worktree' })
    await agentCommits(workspace, 'work.txt')
    const { branch } = await workspace.cleanup({ onUnsavedWork: 'discard' })
    expect(branch).toMatchObject({ deleted: true, why: 'its commits were to be discarded' })
    expect(await branches(stage)).toBe('')
  })

  test("stays in the caller's own repository while it has commits of its own", async () => {
    const stage = await makeStage({}, { bare: false })
    const workspace = await stage.prepare({ strategy: 'worktree', source: { path: stage.upstream.path } })
    await agentCommits(workspace, 'work.txt')
    const { branch } = await workspace.cleanup()
    expect(branch).toMatchObject({ deleted: false, why: 'it has commits that no other branch has' })
    expect(await stage.upstream.branches()).toContain(workspace.branch)
  })
})
