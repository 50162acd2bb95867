import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Place } from '../jobs.js'
import { plainGit } from '../plain-programs.js'
import { present } from '../present.js'
import { discard } from '../trash.js'
import type { OpenContender } from './contender.js'

/** A `git clone` with these arguments for each task, and a branch made in it. */
export async function openClones(
  { directory, trash }: Place,
  ...args: readonly string[]
): Promise<OpenContender> {
  const workDir = (task: string) => join(directory, task)
  await mkdir(directory)
  return {
    async prepare(task) {
      await plainGit('clone', '--quiet', ...args, workDir(task))
      await plainGit('-C', workDir(task), 'checkout', '--quiet', '-b', `agent/${task}`)
    },
    workDir,
    traces: async (task) => ((await present(workDir(task))) ? ['folder'] : []),
    async reset() {
      await discard(trash, directory)
      await mkdir(directory)
    },
    folders: [directory],
    close: () => Promise.resolve(),
  }
}
