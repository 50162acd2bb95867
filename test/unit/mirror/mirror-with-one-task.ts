import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { Git } from '../../../src/git/git.js'
import { mirrorSections, writeMirrorConfig } from '../../../src/mirror/mirror-config.js'
import { repairMirror, repairRegistration } from '../../../src/mirror/tamper-check.js'
import { git as plainGit } from '../../helpers/run-git.js'
import { temporaryDirectory } from '../../helpers/temporary.js'
import { lookThenRepair } from './look-then-repair.js'

export const ORIGIN = 'https://example.org/shop.git'
export const REGISTRATION = 'task-1-0123456789'

/** A mirror as the manager writes it, and the registration of one task's worktree. */
export async function mirrorWithOneTask(objectFormat: 'sha1' | 'sha256' = 'sha1') {
  const directory = await temporaryDirectory()
  const [mirrorDir, workDir] = [join(directory, 'mirror.git'), join(directory, 'workdir')]
  await plainGit(
    directory,
    'init',
    '-q',
    '--bare',
    '--template=',
    `--object-format=${objectFormat}`,
    mirrorDir,
  )
  await writeMirrorConfig(mirrorDir, ORIGIN)
  await writeFile(join(mirrorDir, 'HEAD'), 'ref: refs/heads/git-task-isolation/none\n')
  const entry = join(mirrorDir, 'worktrees', REGISTRATION)
  await mkdir(entry, { recursive: true })
  await mkdir(workDir)
  await writeFile(join(entry, 'gitdir'), `${join(workDir, '.git')}\n`)
  await writeFile(join(entry, 'commondir'), '../..\n')
  await writeFile(join(workDir, '.git'), `gitdir: ${entry}\n`)
  const git = new Git({ gitTimeoutMs: 5_000 })
  onTestFinished(() => git.close())
  const task = { gitDir: mirrorDir, registration: REGISTRATION, workDir }
  const check = { mirrorDir, objectFormat, sections: mirrorSections(ORIGIN), origin: 'fixed' } as const
  return {
    directory,
    mirrorDir,
    entry,
    workDir,
    git,
    check,
    look: (origin: 'fixed' | 'any' = 'fixed') =>
      lookThenRepair(directory, (mode) => repairMirror(git, { ...check, origin, mode })),
    lookAtTask: () => lookThenRepair(directory, (mode) => repairRegistration(git, { ...task, mode })),
  }
}
