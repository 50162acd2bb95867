import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { snapshotTree } from '../../helpers/tree-snapshot.js'
import { CHECKOUTS, failureOf } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'
import { COMMIT_KINDS } from './commit-kinds.js'
import { FILE_KINDS } from './file-kinds.js'
import { FILES, type Kind } from './kind.js'

/** Refs are looked for in other places in each of them. */
const isOfRefs = ([what, { found }]: [string, Kind]) => what in COMMIT_KINDS && found.inProgress === undefined

/** Files, and what was begun, are looked at in the same way in both: each kind of them has one, in turns. */
const CASES = CHECKOUTS.flatMap((strategy, turn) =>
  Object.entries({ ...COMMIT_KINDS, ...FILE_KINDS })
    .filter(
      ([what, kind], at) =>
        kind.only !== undefined || isOfRefs([what, kind]) || at % CHECKOUTS.length === turn,
    )
    .filter(([, { only }]) => only === undefined || only === strategy)
    .map(([what, kind]) => ({ what, strategy, ...kind })),
)

describe.each(CASES)('$what, in a $strategy', ({ strategy, does, found }) => {
  test('is named, and left as it is', async () => {
    const { prepare } = await makeWarmStage({}, { files: FILES })
    const workspace = await prepare({ strategy })
    await does(workspace)
    const before = await snapshotTree(workspace.rootDir, { mtime: true })
    const error = await failureOf(workspace.cleanup({ onUnsavedWork: 'refuse' }))
    const { commits = 0, staged = [], unstaged = [], untracked = [], stashes = 0 } = found
    expect(error).toMatchObject({
      code: 'UNSAVED_WORK',
      data: {
        changedFiles: expect.toSatisfy((files: string[]) =>
          [...staged, ...unstaged, ...untracked].every((file) => files.includes(file)),
        ),
        stashes,
        tags: found.tags ?? [],
        inProgress: found.inProgress ?? [],
        nested: found.nested ?? [],
        unknown: [],
        counts: {
          commits,
          staged: staged.length,
          unstaged: unstaged.length,
          untracked: untracked.length,
          stashes,
        },
      },
    })
    expect(error.data['commits']).toHaveLength(commits)
    expect(await snapshotTree(workspace.rootDir, { mtime: true })).toEqual(before)
  })
})

test.each(CHECKOUTS)('a %s without work is the control: nothing of it is found', async (strategy) => {
  const { prepare } = await makeWarmStage({}, { files: FILES })
  const workspace = await prepare({ strategy })
  expect(await readFile(join(workspace.workDir, 'README.md'), 'utf8')).toBe('one\n')
  expect(await workspace.cleanup({ onUnsavedWork: 'refuse' })).toMatchObject({ action: 'removed' })
})
