import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { git } from '../helpers/run-git.js'
import type { HostileStage } from './hostile-stage.js'

/** A repository whose `status` runs a program under a name that nobody can know, as an agent leaves it lying in its tree. */
export async function hostileRepository(
  stage: HostileStage,
  directory: string,
  sentinel: string,
): Promise<string> {
  await mkdir(directory, { recursive: true })
  await git(directory, 'init', '--quiet')
  await writeFile(join(directory, 'inner.txt'), 'inner\n')
  await git(directory, 'add', 'inner.txt')
  await git(directory, 'commit', '--quiet', '-m', 'inner')
  const program = await stage.sentinels.program(sentinel, 'filter')
  await git(directory, 'config', 'filter.evil.clean', program)
  await writeFile(join(directory, '.git', 'info', 'attributes'), '* filter=evil\n')
  // As long as before, so that only the content tells, which the filter is asked for.
  await writeFile(join(directory, 'inner.txt'), 'other\n')
  return git(directory, 'rev-parse', 'HEAD')
}

/** A submodule that asks to be looked into, whatever the configuration says (gitmodules(5), `ignore`). */
export async function armSubmodule(stage: HostileStage): Promise<void> {
  const { workDir } = stage.workspace
  const commit = await hostileRepository(stage, join(workDir, 'sub'), 'submodule')
  await writeFile(
    join(workDir, '.gitmodules'),
    `[submodule "sub"]\n\tpath = sub\n\turl = ../sub\n\tignore = none\n`,
  )
  await git(workDir, 'add', '.gitmodules')
  await git(workDir, 'update-index', '--add', '--cacheinfo', `160000,${commit},sub`)
  await git(workDir, 'commit', '--quiet', '--no-verify', '-m', 'Add a submodule')
}
