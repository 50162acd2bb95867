import { join } from 'node:path'
import { writeFileAtomic } from '../fs/atomic-write.js'
import type { Git } from '../git/git.js'
import type { ObjectFormat } from '../model/object-format.js'
import { writeMirrorConfig } from './mirror-config.js'
import type { MirrorContext } from './mirror-context.js'

/** Makes an empty repository that is configured as a mirror. */
export async function initialise(
  git: Git,
  directory: string,
  format: ObjectFormat,
  context: Pick<MirrorContext, 'access' | 'filter' | 'signal'>,
): Promise<void> {
  await git.run({
    args: ['init', '--quiet', '--bare', '--template=', `--object-format=${format}`, '--', directory],
    // Registrations are written as files, which only this ref format has.
    config: { 'init.defaultRefFormat': 'files' },
    signal: context.signal,
  })
  await writeMirrorConfig(directory, context.access.originUrl, context.filter)
  // A name that no task checks out; below refs/heads/, because git-fsck(1) finds anything else strange.
  await writeFileAtomic(join(directory, 'HEAD'), 'ref: refs/heads/git-task-isolation/none\n')
}
