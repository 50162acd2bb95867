import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Place } from '../jobs.js'
import { plainGit } from '../plain-programs.js'
import { present } from '../present.js'
import { discard } from '../trash.js'
import type { OpenContender } from './contender.js'

/** `git worktree add` on the mirror, all at once: what people write first. */
export async function openWorktrees({ directory, mirror, trash }: Place): Promise<OpenContender> {
  const workDir = (task: string) => join(directory, task)
  await mkdir(directory)
  return {
    async prepare(task) {
      const how = ['-b', `agent/${task}`, workDir(task), 'main']
      await plainGit('--git-dir', mirror, 'worktree', 'add', '--quiet', ...how)
    },
    workDir,
    traces: (task) => tracesOf(workDir(task), mirror, task),
    async reset() {
      for (const name of ['worktrees', 'refs/heads/agent', 'logs/refs/heads/agent'])
        await discard(trash, join(mirror, name))
      await discard(trash, directory)
      await mkdir(directory)
    },
    folders: [directory, mirror],
    close: () => Promise.resolve(),
  }
}

/** The same one at a time: what people write once it has failed. */
export async function openOneAtATime(place: Place): Promise<OpenContender> {
  const opened = await openWorktrees(place)
  let last = Promise.resolve()
  const prepare = (task: string): Promise<void> => {
    const own = last.then(() => opened.prepare(task))
    last = own.catch(() => undefined)
    return own
  }
  return { ...opened, prepare }
}

async function tracesOf(folder: string, mirror: string, task: string): Promise<string[]> {
  const places = {
    folder,
    branch: join(mirror, 'refs/heads/agent', task),
    registration: join(mirror, 'worktrees', task),
  }
  const found: string[] = []
  for (const [kind, path] of Object.entries(places)) if (await present(path)) found.push(kind)
  return found
}
