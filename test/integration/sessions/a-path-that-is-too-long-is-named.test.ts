import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { asStorageFailure } from '../../../src/fs/storage-failure.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { failureOf } from '../verbs/stage.js'
import { makeWarmStage } from '../verbs/warm-stage.js'

test('a name that the file system does not take is an error of this package', async () => {
  const root = await temporaryDirectory()
  const path = join(root, 'x'.repeat(300))
  const error = await mkdir(path).catch((reason: unknown) => reason)
  expect(asStorageFailure(error, root)).toMatchObject({
    code: 'OPTIONS_INVALID',
    data: { path, reason: 'ENAMETOOLONG' },
  })
})

test('a suffix that makes a branch name too long is refused', async () => {
  const { prepare, manager } = await makeWarmStage()
  const branch = 'x'.repeat(250)
  await prepare({ branch, strategy: 'worktree' })
  const again = prepare({ taskId: 'task-2', branch, strategy: 'worktree', onBranchTaken: 'suffix' })
  expect(await failureOf(again)).toMatchObject({ code: 'REF_INVALID' })
  expect(await manager.list()).toHaveLength(1)
})
