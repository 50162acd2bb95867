import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { git } from '../../helpers/run-git.js'
import { snapshotTree } from '../../helpers/tree-snapshot.js'
import { agentWrites, KEY, makeStage, newManager, type Stage } from '../verbs/stage.js'

afterEach(() => {
  vi.unstubAllEnvs()
})

const FILES = {
  '.gitattributes': '*.win text eol=crlf\n*.id ident\n',
  'lf.txt': 'one\ntwo\n',
  'crlf.txt': 'one\r\ntwo\r\n',
  'folder/script.win': 'one\ntwo\n',
  'keyword.id': '$Id$\n',
}
const CASES = [
  { strategy: 'clone', made: 'true', restored: 'false' },
  { strategy: 'worktree', made: 'false', restored: 'true' },
]

/** A manager of a process whose user has configured this. */
async function managerWith({ directory, root }: Stage, autocrlf: string) {
  const file = join(directory, `gitconfig-${autocrlf}`)
  await writeFile(file, `[core]\n\tautocrlf = ${autocrlf}\n`)
  vi.stubEnv('GIT_CONFIG_GLOBAL', file)
  return newManager({ root })
}

it.each(CASES)('of a $strategy made with core.autocrlf=$made, restored with $restored', async (given) => {
  const { strategy, made, restored } = given
  const stage = await makeStage({}, { files: FILES })
  const first = await managerWith(stage, made)
  const workspace = await first.prepare({ ...KEY, source: stage.upstream.url, strategy })
  await agentWrites(workspace, 'new.txt', 'new\r\n')
  const before = await snapshotTree(workspace.workDir, { ignore: ['.git'] })
  await workspace.cleanup()
  const second = await managerWith(stage, restored)
  const again = await second.restore(KEY)
  expect(await snapshotTree(again.workDir, { ignore: ['.git'] })).toEqual(before)
  // The archive of a restored workspace knows them as well.
  await again.cleanup()
  const third = await (await managerWith(stage, made)).restore(KEY)
  expect(await snapshotTree(third.workDir, { ignore: ['.git'] })).toEqual(before)
})

it("of a worktree that was made with a setting of the caller's own repository", async () => {
  const stage = await makeStage({}, { files: FILES, bare: false })
  const source = stage.upstream.path
  await git(source, 'config', 'core.autocrlf', 'true')
  const workspace = await stage.prepare({ source, strategy: 'worktree' })
  await agentWrites(workspace, 'new.txt')
  const before = await snapshotTree(workspace.workDir, { ignore: ['.git'] })
  await workspace.cleanup()
  await git(source, 'config', 'core.autocrlf', 'input')
  const restored = await stage.manager.restore(KEY)
  expect(await snapshotTree(restored.workDir, { ignore: ['.git'] })).toEqual(before)
})
