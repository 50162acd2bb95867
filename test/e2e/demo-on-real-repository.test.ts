import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { runExample } from '../helpers/run-example.js'
import { git } from '../helpers/run-git.js'
import { temporaryDirectory } from '../helpers/temporary.js'
import { snapshotTree } from '../helpers/tree-snapshot.js'
import { createUpstream } from '../helpers/upstream.js'

const demo = 'examples/demo/demo.ts'

describe.each(['worktree'])('strategy %s', (strategy) => {
  test('a local repository is as it was before', async () => {
    const directory = await temporaryDirectory()
    const upstream = await createUpstream(join(directory, 'mine'), { bare: false })
    const before = await look(upstream.path)

    const result = await runExample(demo, ['--source', upstream.path, '--strategy', strategy, '--tasks', '3'])

    expect(result).toMatchObject({ code: 0, stderr: '' })
    expect(result.stdout).toContain('onUnsavedWork')
    expect(await look(upstream.path)).toEqual(before)
  })

  test('a remote gets branches only with --push, and a second run meets no branch of the first', async () => {
    const upstream = await createUpstream(join(await temporaryDirectory(), 'remote.git'))
    const args = ['--source', upstream.url, '--strategy', strategy, '--tasks', '2']

    expect(await runExample(demo, args)).toMatchObject({ code: 0, stderr: '' })
    expect(await upstream.branches()).toEqual(['main'])

    for (const expected of strategy === 'clone' ? [3, 5] : [3]) {
      expect(await runExample(demo, [...args, '--push'])).toMatchObject({ code: 0, stderr: '' })
      expect(await upstream.branches()).toHaveLength(expected)
    }
  })

  test.each(['1  Prepare', '2  Let the agents'])('Ctrl-C in "%s" leaves nothing', async (chapter) => {
    const temp = await temporaryDirectory()
    const upstream = await createUpstream(join(await temporaryDirectory(), 'mine'), { bare: false })
    const before = await look(upstream.path)

    const result = await runExample(demo, ['--source', upstream.path, '--strategy', strategy], {
      env: { TMPDIR: temp },
      onOutput: (child, stdout) => {
        if (stdout.includes(chapter) && !child.killed) child.kill('SIGINT')
      },
    })

    expect(result.code).toBe(130)
    expect(await readdir(temp)).toEqual([])
    expect(await look(upstream.path)).toEqual(before)
  })
})

test('a source that does not exist ends with a clear sentence and exit code 1', async () => {
  const temp = await temporaryDirectory()
  const result = await runExample(demo, ['--source', 'file:///no/such/repository.git'], {
    env: { TMPDIR: temp },
  })
  expect(result.code).toBe(1)
  expect(result.stderr).not.toContain('    at ')
  expect(await readdir(temp)).toEqual([])
})

/** All that a person would notice in their repository; objects of deleted branches wait there for git's gc. */
async function look(repository: string) {
  return {
    status: await git(repository, 'status', '--porcelain', '--branch'),
    refs: await git(repository, 'for-each-ref'),
    worktrees: await git(repository, 'worktree', 'list'),
    files: await snapshotTree(repository, { ignore: ['.git'] }),
    config: (await snapshotTree(join(repository, '.git')))['config'],
  }
}
