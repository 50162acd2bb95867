import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { git } from '../../helpers/run-git.js'
import { snapshotTree } from '../../helpers/tree-snapshot.js'
import { isThere } from '../verbs/presence.js'
import { failureOf, KEY, makeStage } from '../verbs/stage.js'

const context = { issueTitle: 'Ours', files: { 'notes.md': 'ours\n', 'deep/down/plan.md': 'ours\n' } }

/** What may be there already by the name of our folder; each gets the caller's folder. */
const BEFORE: Record<string, (folder: string) => Promise<unknown>> = {
  'nothing of ours': async () => undefined,
  'an untracked folder with colliding and other files': async (folder) => {
    await mkdir(join(folder, '.agent_context/deep'), { recursive: true, mode: 0o750 })
    await writeFile(join(folder, '.agent_context/issue_context.md'), 'theirs\n', { mode: 0o640 })
    await writeFile(join(folder, '.agent_context/notes.md'), 'theirs\n')
    await chmod(join(folder, '.agent_context/notes.md'), 0o755)
    await writeFile(join(folder, '.agent_context/.gitignore'), 'theirs\n')
    await writeFile(join(folder, '.agent_context/other.md'), 'other\n')
    await writeFile(join(folder, '.agent_context/deep/other.md'), 'other\n')
  },
  'a tracked folder': async (folder) => {
    await mkdir(join(folder, '.agent_context'))
    await writeFile(join(folder, '.agent_context/issue_context.md'), 'tracked\n')
    await git(folder, 'add', '.agent_context')
    await git(folder, 'commit', '--quiet', '-m', 'Track the folder')
  },
  'a tracked folder that is deleted from the tree': async (folder) => {
    await BEFORE['a tracked folder']?.(folder)
    await rm(join(folder, '.agent_context'), { recursive: true })
  },
  'a plain file': (folder) => writeFile(join(folder, '.agent_context'), 'a file\n'),
  'a symlink to a folder outside': async (folder) => {
    await mkdir(join(folder, '../outside'))
    await symlink('../outside', join(folder, '.agent_context'))
  },
  'a dangling symlink': (folder) => symlink('../nowhere', join(folder, '.agent_context')),
  'a folder whose file is a symlink': async (folder) => {
    await mkdir(join(folder, '.agent_context'))
    await writeFile(join(folder, '../elsewhere.md'), 'elsewhere\n')
    await symlink('../../elsewhere.md', join(folder, '.agent_context/issue_context.md'))
  },
}

const lines = (output: string) => output.split('\n').filter((line) => line !== '')

async function stageWithFolder(before: string) {
  const stage = await makeStage({}, { bare: false, name: 'own' })
  const folder = stage.upstream.path
  await BEFORE[before]?.(folder)
  const prepare = () => stage.manager.prepare({ ...KEY, source: folder, strategy: 'local', context })
  // The index may be written anew by any `git status`; what it says is compared instead.
  const look = async () => ({
    tree: await snapshotTree(stage.directory, { ignore: ['root', 'own/.git/index'] }),
    status: await git(folder, 'status', '--porcelain', '--untracked-files=all'),
  })
  return { ...stage, folder, prepare, look }
}

describe.each(Object.keys(BEFORE))('where there is %s', (before) => {
  test('cleanup puts everything back, and git sees nothing of ours meanwhile', async () => {
    const { folder, look, prepare } = await stageWithFolder(before)
    const original = await look()
    const workspace = await prepare()
    expect(workspace.workDir).toBe(folder)
    expect(await isThere(join(String(workspace.env['TASK_CONTEXT_DIR']), 'notes.md'))).toBe(true)
    // What was untracked before may be hidden by our ignore file; nothing else may show.
    expect(lines(original.status)).toEqual(expect.arrayContaining(lines((await look()).status)))
    expect(await workspace.cleanup()).toMatchObject({ action: 'kept', reason: 'caller-owned' })
    expect(await look()).toEqual(original)
    expect(await isThere(workspace.rootDir)).toBe(false)
    expect(await workspace.cleanup()).toMatchObject({ action: 'absent' })
    expect(await look()).toEqual(original)
  })

  test('so it does after a second prepare with another context', async () => {
    const { folder, look, manager, prepare } = await stageWithFolder(before)
    const original = await look()
    await prepare()
    const again = { issueTitle: 'Again', files: { 'more.md': 'ours\n' } }
    await manager.prepare({ ...KEY, source: folder, strategy: 'local', context: again })
    await manager.cleanup(KEY)
    expect(await look()).toEqual(original)
  })
})

test('a folder that is no repository is used, and its files are left alone', async () => {
  const { directory, manager } = await makeStage()
  const folder = join(directory, 'plain')
  await mkdir(folder)
  await writeFile(join(folder, 'mine.txt'), 'mine\n')
  const before = await snapshotTree(folder, { mtime: true })
  const workspace = await manager.prepare({ ...KEY, source: folder, strategy: 'local' })
  expect(workspace).toMatchObject({ strategy: 'local', branch: undefined, base: undefined })
  await writeFile(join(folder, 'by-the-agent.txt'), 'work\n')
  await workspace.cleanup({ onUnsavedWork: 'discard' })
  const ignore = ['by-the-agent.txt']
  expect(await snapshotTree(folder, { mtime: true, ignore })).toEqual(before)
  expect(await isThere(join(folder, 'by-the-agent.txt'))).toBe(true)
})

test('what the agent added to the context folder is not deleted', async () => {
  const { folder, prepare } = await stageWithFolder('nothing of ours')
  const workspace = await prepare()
  await writeFile(join(folder, '.agent_context/by-the-agent.md'), 'notes\n')
  await workspace.cleanup()
  expect(await snapshotTree(join(folder, '.agent_context'))).toHaveProperty(['by-the-agent.md'])
})

test('two tasks in one folder are refused, or leave it as it was together', async () => {
  const { folder, look, manager, prepare } = await stageWithFolder('nothing of ours')
  const original = await look()
  await prepare()
  const second = { ...KEY, taskId: 'task-2' }
  const other = manager.prepare({ ...second, source: folder, strategy: 'local', context })
  await other.catch((error: unknown) => expect(error).toMatchObject({ code: 'SESSION_TAKEN' }))
  await manager.cleanup(KEY)
  await manager.cleanup(second)
  expect(await look()).toEqual(original)
})

test.each(['https://example.org/shop.git', undefined])(
  'without a folder (%s) it is refused',
  async (source) => {
    const { manager } = await makeStage()
    const error = await failureOf(manager.prepare({ ...KEY, source, strategy: 'local' }))
    expect(error.code).toBe('SOURCE_INVALID')
  },
)
