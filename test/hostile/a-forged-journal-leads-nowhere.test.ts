import { execFile } from 'node:child_process'
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { WorkspaceManager } from 'git-task-isolation'
import { afterEach, expect, test } from 'vitest'
import { temporaryDirectory } from '../helpers/temporary.js'
import { snapshotTree } from '../helpers/tree-snapshot.js'

const KEY = { envId: 'shop', taskId: 'task' } as const

let manager: WorkspaceManager | undefined
afterEach(() => manager?.close())

/** A caller's own folder with an agent in it, and another folder that is none of the agent's. */
async function makeStage() {
  const directory = await temporaryDirectory()
  const [folder, home] = [join(directory, 'folder'), join(directory, 'home')]
  await mkdir(folder)
  await mkdir(join(home, 'empty'), { recursive: true })
  for (const name of ['.bashrc', 'secret']) await writeFile(join(home, name), 'theirs\n')
  manager = new WorkspaceManager({ root: join(directory, 'root') })
  const prepare = (files: Record<string, string>) =>
    (manager as WorkspaceManager).prepare({ ...KEY, strategy: 'local', source: folder, context: { files } })
  const { rootDir } = await prepare({ 'notes.md': 'ours\n' })
  const context = join(folder, '.agent_context')
  const journal = join(rootDir, '.context-journal', 'journal.json')
  const saved = join(rootDir, '.context-journal', 'saved')
  await mkdir(saved)
  return { manager, prepare, folder, home, context, journal, saved }
}

/** What an agent writes in the place of the journal in its task's folder. */
const FORGERIES: Readonly<Record<string, (stage: { home: string; context: string }) => object>> = {
  'another folder': ({ home }) => ({ directory: home, createdDirectories: [], files: everything('') }),
  'files outside': ({ context }) => ({
    directory: context,
    createdDirectories: [],
    files: everything('../../home/'),
  }),
  'folders outside': ({ home, context }) => ({
    directory: context,
    createdDirectories: [join(home, 'empty')],
    files: [],
  }),
}

function everything(prefix: string) {
  return [
    { path: `${prefix}.bashrc`, before: 'saved' },
    { path: `${prefix}secret`, before: 'absent' },
  ]
}

test.each(Object.entries(FORGERIES))('one that names %s ends a cleanup', async (_what, forge) => {
  const stage = await makeStage()
  await writeFile(join(stage.saved, '.bashrc'), 'evil\n')
  const before = await snapshotTree(stage.home)
  await writeFile(stage.journal, JSON.stringify(forge(stage)))
  await expect(stage.manager.cleanup(KEY)).rejects.toMatchObject({ code: 'TAMPERED' })
  expect(await snapshotTree(stage.home)).toEqual(before)
})

test('what was saved, or is to be saved, is neither read through a link nor waited for', async () => {
  const { manager, prepare, home, context, journal, saved } = await makeStage()
  await promisify(execFile)('mkfifo', [join(context, 'new.md')])
  await expect(prepare({ 'new.md': 'ours\n' })).rejects.toMatchObject({ code: 'TAMPERED' })
  await rm(join(context, 'new.md'))
  await symlink(join(home, 'secret'), join(saved, 'notes.md'))
  const forged = {
    directory: context,
    createdDirectories: [],
    files: [{ path: 'notes.md', before: 'saved' }],
  }
  await writeFile(journal, JSON.stringify(forged))
  await expect(manager.cleanup(KEY)).rejects.toMatchObject({ code: 'TAMPERED' })
  expect(await readFile(join(context, 'notes.md'), 'utf8')).toBe('ours\n')
})
