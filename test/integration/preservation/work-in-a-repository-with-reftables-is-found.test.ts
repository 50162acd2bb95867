import type { Workspace } from 'git-task-isolation'
import { describe, expect, test } from 'vitest'
import { isWorkspaceError } from '../../../src/errors/workspace-error.js'
import { knowsReftables } from '../../helpers/reftables.js'
import { git } from '../../helpers/run-git.js'
import { KEY, makeStage } from '../verbs/stage.js'
import { COMMIT_KINDS } from './commit-kinds.js'
import { FILES } from './kind.js'

const KINDS = Object.entries(COMMIT_KINDS).map(([what, kind]) => ({ what, ...kind }))

describe.runIf(await knowsReftables())('where the installed git knows reftables (2.45)', () => {
  test.each(KINDS)('$what is told as where refs are files', async ({ does }) => {
    const [inFiles, inTables] = [await toldIn('files', does), await toldIn('reftable', does)]
    expect(inTables).toEqual(inFiles)
  })
})

/** What a cleanup says of it; commits have other names each time. */
async function toldIn(refFormat: string, does: (workspace: Workspace) => Promise<unknown>) {
  const stage = await makeStage({}, { bare: false, name: 'own', files: FILES })
  const { path } = stage.upstream
  if (refFormat !== 'files') await git(path, 'refs', 'migrate', `--ref-format=${refFormat}`)
  const workspace = await stage.manager.prepare({ ...KEY, source: path, strategy: 'worktree' })
  await does(workspace)
  expect(await git(path, 'rev-parse', '--show-ref-format')).toBe(refFormat)
  try {
    const { action, branch } = await workspace.cleanup({ onUnsavedWork: 'refuse' })
    return { action, branch }
  } catch (error) {
    if (!isWorkspaceError(error)) throw error
    const { counts, inProgress, changedFiles, unknown } = error.data
    return { code: error.code, counts, inProgress, changedFiles, unknown }
  }
}
