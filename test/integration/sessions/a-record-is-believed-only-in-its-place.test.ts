import { cp, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { isPresent, namesIn } from '../../../src/fs/presence.js'
import { environmentLayout } from '../../../src/model/layout.js'
import { assertOwnFolder } from '../../../src/operations/assert-own-folder.js'
import { snapshotTree } from '../../helpers/tree-snapshot.js'
import { failureOf, KEY, makeStage, newManager, type Stage } from '../verbs/stage.js'

let stage: Stage
let file: string
beforeEach(async () => {
  stage = await makeStage()
  file = join(stage.layout.sessionsDir, 'task-1.json')
})

type Fields = Record<string, unknown>

async function rewrite(change: (record: Fields) => Fields): Promise<void> {
  await writeFile(file, JSON.stringify(change(JSON.parse(await readFile(file, 'utf8')))))
}

const withTree = (record: Fields, changes: Fields) => ({
  ...record,
  tree: { ...(record['tree'] as Fields), ...changes },
})

/** A folder that is none of the manager's business, with a file to lose. */
async function foreignFolder(): Promise<string> {
  const folder = join(stage.directory, 'foreign')
  await mkdir(join(folder, 'workdir'), { recursive: true })
  await writeFile(join(folder, 'workdir', 'precious.txt'), 'precious\n')
  return folder
}

test('in a copied root it is not, and the original keeps its checkout', async () => {
  const workspace = await stage.prepare()
  const before = await snapshotTree(workspace.rootDir)
  const copy = join(stage.directory, 'copy')
  await cp(stage.root, copy, { recursive: true, verbatimSymlinks: true })
  const manager = newManager({ root: copy })
  const { code, message, hint } = await failureOf(manager.finish(KEY, 'failed'))
  expect(code).toBe('RECORD_CORRUPT')
  expect(message).toContain('does not fit its place: rootDir')
  expect(hint).toContain(`made for the root ${stage.root}.`)
  // Set aside, it would be lost to whoever moves the root back.
  const { findings } = await manager.doctor({ mode: 'fix' })
  expect(findings.filter(({ level }) => level === 'problem')).toMatchObject([
    { key: KEY, remedy: 'look', message: expect.stringContaining(`for the root ${stage.root},`) },
  ])
  expect(await namesIn(environmentLayout(copy, 'shop').sessionsDir)).toEqual(['task-1.json'])
  expect((await manager.cleanup(KEY, { onUnsavedWork: 'discard' })).action).toBe('absent')
  await manager.sweep()
  expect(await snapshotTree(workspace.rootDir)).toEqual(before)
  expect((await stage.manager.cleanup(KEY)).action).toBe('removed')
})

test('under the name of another task it is not, and the task keeps its checkout', async () => {
  const workspace = await stage.prepare()
  const before = await snapshotTree(workspace.rootDir)
  await cp(file, join(stage.layout.sessionsDir, 'task-2.json'))
  const second = { ...KEY, taskId: 'task-2' }
  const { code, data } = await failureOf(stage.manager.finish(second, 'failed'))
  expect([code, data['fields']]).toEqual(['RECORD_CORRUPT', ['taskId', 'rootDir', 'workDir']])
  const other = await stage.prepare({ taskId: 'task-2' })
  expect(other).toMatchObject({ reused: false, workDir: join(stage.layout.tasksDir, 'task-2', 'workdir') })
  await other.cleanup({ onUnsavedWork: 'discard' })
  expect(await snapshotTree(workspace.rootDir)).toEqual(before)
})

describe('with a folder that is not its own', () => {
  test.each<[string, (record: Fields, foreign: string) => Fields]>([
    ['envId', (record) => ({ ...record, envId: 'other' })],
    ['runId', (record) => ({ ...record, runId: 'r1' })],
    ['rootDir', (record, foreign) => ({ ...record, rootDir: foreign })],
    ['workDir', (record) => ({ ...record, workDir: join(stage.layout.tasksDir, 'task-2', 'workdir') })],
    ['workDir', (record) => ({ ...record, workDir: 'relative' })],
    ['tree.workDir', (record, foreign) => withTree(record, { workDir: join(foreign, 'workdir') })],
    [
      'tree.gitDir',
      (record) => withTree(record, { gitDir: join(stage.layout.managerDir, '../../b/.git-task/mirror.git') }),
    ],
    ['tree.registration', (record) => withTree(record, { registration: '../../sessions' })],
  ])('%s is named, and nothing is touched', async (field, change) => {
    await stage.prepare({ strategy: 'worktree' })
    const foreign = await foreignFolder()
    await rewrite((record) => change(record, foreign))
    const { code, data } = await failureOf(stage.manager.finish(KEY, 'failed'))
    expect([code, data['file']]).toEqual(['RECORD_CORRUPT', file])
    expect(data['fields']).toContain(field)
    expect((await stage.manager.cleanup(KEY, { onUnsavedWork: 'discard' })).action).toBe('absent')
    expect(await isPresent(join(foreign, 'workdir', 'precious.txt'))).toBe(true)
    expect(await isPresent(join(stage.layout.tasksDir, 'task-1', 'workdir', '.git'))).toBe(true)
  })

  test('a sweep does not empty what an unfinished one of a dead owner names', async () => {
    await stage.prepare()
    const foreign = await foreignFolder()
    const before = await snapshotTree(foreign)
    await rewrite((record) => ({
      ...record,
      state: 'preparing',
      rootDir: foreign,
      owner: { ...(record['owner'] as Fields), processStart: '1' },
    }))
    await stage.manager.sweep()
    expect(await snapshotTree(foreign)).toEqual(before)
    expect((await namesIn(stage.layout.sessionsDir)).join()).toContain('task-1.json.unreadable-')
  })
})

describe('where the root is reached by another name, it is', () => {
  test('through a link', async () => {
    await stage.prepare()
    const link = join(stage.directory, 'link')
    await symlink(stage.root, link)
    const manager = newManager({ root: link })
    expect(await manager.list()).toHaveLength(1)
    expect((await manager.cleanup(KEY)).action).toBe('removed')
  })

  test('through its true name, after a link', async () => {
    await mkdir(stage.root)
    const link = join(stage.directory, 'link')
    await symlink(stage.root, link)
    await newManager({ root: link }).prepare({ ...KEY, source: stage.upstream.url, strategy: 'worktree' })
    expect((await stage.manager.cleanup(KEY)).action).toBe('removed')
  })

  test('after it was moved, with a link in its old place', async () => {
    await stage.prepare({ strategy: 'worktree' })
    const moved = join(stage.directory, 'moved')
    await rename(stage.root, moved)
    const manager = newManager({ root: moved })
    expect((await failureOf(manager.finish(KEY, 'failed'))).hint).toContain('make that path a link')
    await symlink(moved, stage.root)
    expect((await manager.cleanup(KEY)).action).toBe('removed')
  })
})

test("a caller's own folder is believed wherever it is outside", async () => {
  const folder = await foreignFolder()
  await stage.prepare({ strategy: 'local', source: folder })
  expect(await stage.manager.list()).toHaveLength(1)
  expect((await stage.manager.cleanup(KEY)).reason).toBe('caller-owned')
  expect(await isPresent(join(folder, 'workdir', 'precious.txt'))).toBe(true)
})

test.each([
  ['its folder', 'shop/tasks/task-1'],
  ['the folder of all tasks', 'shop/tasks'],
  ['the folder of its environment', 'shop'],
])("a task with a link for %s is not the task's own", async (_what, path) => {
  await stage.prepare()
  await assertOwnFolder(stage.root, KEY)
  const foreign = await foreignFolder()
  const place = join(stage.root, 'managed-repos', path)
  await rm(place, { recursive: true })
  await symlink(foreign, place)
  const { code, data } = await failureOf(assertOwnFolder(stage.root, KEY))
  expect([code, data['path']]).toEqual(['TAMPERED', place])
})
