import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { RepositoryFactory } from '../../helpers/odd-repositories.js'
import { LFS_POINTER, lfsPointers, submodules } from '../../helpers/odd-repositories.js'
import { createUpstream } from '../../helpers/upstream.js'
import { GIT_STRATEGIES, prepareOn } from './odd-checkout.js'

/** Its blank lines are read in a moment: a pattern that tried again at each would take an hour. */
const plain: RepositoryFactory = (directory) =>
  createUpstream(join(directory, 'plain.git'), { files: { '.gitmodules': '\n'.repeat(1_000_000) } })

/** The attribute stands in a folder, as repositories with several parts have it. */
const lfsInFolder: RepositoryFactory = (directory) =>
  createUpstream(join(directory, 'lfs-in-folder.git'), {
    files: {
      'art/.gitattributes': '*.psd filter=lfs diff=lfs merge=lfs -text\n',
      'art/picture.psd': LFS_POINTER,
    },
  })

describe.each(GIT_STRATEGIES)('%s', (strategy) => {
  test('submodules are not initialised, and said', async () => {
    const { workspace, warnings } = await prepareOn(submodules, { strategy })
    expect(await readdir(join(workspace.workDir, 'vendor', 'library'))).toEqual([])
    expect(workspace.notices).toEqual([expect.stringMatching(/submodule/)])
    expect(warnings).toEqual(workspace.notices)
  })

  test.each([
    ['at the top', lfsPointers],
    ['in a folder', lfsInFolder],
  ])('LFS files, named %s, stay pointers, and it is said', async (_where, factory) => {
    const { workspace, warnings } = await prepareOn(factory, { strategy })
    expect(await readFile(join(workspace.workDir, 'art', 'picture.psd'), 'utf8')).toBe(LFS_POINTER)
    expect(workspace.notices).toEqual([expect.stringMatching(/LFS/)])
    expect(warnings).toEqual(workspace.notices)
  })

  test('a repository without either has nothing to report', async () => {
    const { workspace, warnings } = await prepareOn(plain, { strategy })
    expect([workspace.notices, warnings]).toEqual([[], []])
  })

  test('a later get and a reuse report it as well', async () => {
    const { manager, workspace } = await prepareOn(submodules, { strategy })
    expect((await manager.get(workspace.key))?.notices).toEqual(workspace.notices)
    const again = await manager.prepare(workspace.key)
    expect(again.notices).toEqual(workspace.notices)
  })
})
