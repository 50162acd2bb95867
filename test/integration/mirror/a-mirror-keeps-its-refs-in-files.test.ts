import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { isPresent } from '../../../src/fs/presence.js'
import { knowsReftables } from '../../helpers/reftables.js'
import { git } from '../../helpers/run-git.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { CHECKOUTS, makeStage } from '../verbs/stage.js'

/** As a user may have it: for all repositories that git makes. */
async function preferTables(): Promise<void> {
  const home = await temporaryDirectory()
  await writeFile(join(home, '.gitconfig'), '[init]\n\tdefaultRefFormat = reftable\n')
  const before = { ...process.env }
  onTestFinished(() => {
    for (const name of ['HOME', 'GIT_CONFIG_GLOBAL', 'GIT_DEFAULT_REF_FORMAT'])
      if (before[name] === undefined) delete process.env[name]
      else process.env[name] = before[name]
  })
  process.env['HOME'] = home
  process.env['GIT_DEFAULT_REF_FORMAT'] = 'reftable'
  delete process.env['GIT_CONFIG_GLOBAL']
}

describe.runIf(await knowsReftables())('where the installed git knows others (2.45)', () => {
  test.each(CHECKOUTS)('also for a user who wants reftables, with the strategy %s', async (strategy) => {
    await preferTables()
    const { prepare, layout } = await makeStage()
    const workspace = await prepare({ strategy })
    for (const gitDir of [layout.mirrorDir, workspace.workDir]) {
      expect(await git(gitDir, 'rev-parse', '--show-ref-format')).toBe('files')
    }
    expect(await isPresent(join(layout.mirrorDir, 'reftable'))).toBe(false)
    await writeFile(join(workspace.workDir, 'work.txt'), 'work\n')
    expect(await workspace.cleanup()).toMatchObject({ action: 'removed', archive: expect.anything() })
    expect(await isPresent(join(layout.archivesRepository, 'reftable'))).toBe(false)
  })
})
