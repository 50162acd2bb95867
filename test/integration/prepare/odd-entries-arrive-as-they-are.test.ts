import { lstat, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  defaultBranchNotMain,
  detachedHead,
  executableBits,
  ODD_FILE_NAMES,
  oddFileNames,
  sha256Objects,
  shallowSource,
  symlinks,
} from '../../helpers/odd-repositories.js'
import { agentGit, GIT_STRATEGIES, prepareOn } from './odd-checkout.js'

describe.each(GIT_STRATEGIES)('%s', (strategy) => {
  test('names of files are not changed', async () => {
    const { workspace } = await prepareOn(oddFileNames, { strategy })
    for (const name of ODD_FILE_NAMES)
      expect(await readFile(join(workspace.workDir, name), 'utf8')).toBe(`content of ${name}\n`)
  })

  test('links stay links, wherever they point', async () => {
    const { workspace } = await prepareOn(symlinks, { strategy })
    const target = (name: string) => readlink(join(workspace.workDir, name))
    expect(await target('to-folder')).toBe('folder')
    expect(await target('dangling')).toBe('there-is-no-such-file')
    expect(await target('outside-relative')).toBe('../../../../outside')
  })

  test('what is executable stays so, and nothing else becomes it', async () => {
    const { workspace } = await prepareOn(executableBits, { strategy })
    const bits = async (name: string) => (await lstat(join(workspace.workDir, name))).mode & 0o111
    expect(await bits('run.sh')).not.toBe(0)
    expect(await bits('plain.txt')).toBe(0)
  })

  test('the default branch is the one that the source names', async () => {
    const { workspace } = await prepareOn(defaultBranchNotMain, { strategy })
    expect(workspace.base?.ref).toBe('trunk/stable')
    const upstreamHead = await agentGit(workspace, 'rev-parse', '--abbrev-ref', 'origin/HEAD')
    expect(upstreamHead.trim()).toBe('origin/trunk/stable')
  })

  test('of a detached HEAD it is the commit, not the newest of a branch', async () => {
    const { workspace, upstream } = await prepareOn(detachedHead, { strategy })
    expect(workspace.base?.commit).toBe(await upstream.git('rev-parse', 'HEAD'))
    expect(workspace.base?.commit).not.toBe(await upstream.head('main'))
  })

  test('a shallow history ends where it ends in the source', async () => {
    const { workspace } = await prepareOn(shallowSource, { strategy })
    expect((await agentGit(workspace, 'rev-list', '--count', 'HEAD')).trim()).toBe('1')
    expect((await agentGit(workspace, 'rev-parse', '--is-shallow-repository')).trim()).toBe('true')
  })

  test('object ids keep their format', async () => {
    const { workspace } = await prepareOn(sha256Objects, { strategy })
    expect(workspace.base?.commit).toMatch(/^[0-9a-f]{64}$/)
    expect((await agentGit(workspace, 'rev-parse', '--show-object-format')).trim()).toBe('sha256')
  })
})
