import { lstat, readdir } from 'node:fs/promises'
import { join, posix } from 'node:path'
import { emptiedTrash } from './emptied-trash.js'

/** What a task may leave in an environment's folder, by relative path; all else belongs to the environment. */
const OF_A_TASK = [
  /^tasks\/[^/]+$/,
  /^\.git-task\/(?:sessions|indexes|scratch|trash|locks)\/[^/]+$/,
  /^\.git-task\/[^/]*\.tmp-/,
  /^\.git-task\/mirror\.git\/(?:logs\/)?refs\/heads\/./,
  /^\.git-task\/mirror\.git\/(?:worktrees$|worktrees\/[^/]+$|git-task-staging)/,
  /^\.git-task\/mirror\.git\/.*\.(?:lock|tmp-[^/]*)$/,
  /^\.git-task\/mirror\.git\/objects\/(?:pack\/)?(?:tmp_|incoming-)/,
]

/**
 * Every directory, branch, registration, record, lock and temporary file of a task in an environment: what a
 * prepare that failed, and a cleanup, must not leave. Sorted; empty where there is no environment.
 */
export async function taskTraces(environmentDirectory: string): Promise<string[]> {
  await emptiedTrash(join(environmentDirectory, '.git-task/trash'))
  const found: string[] = []
  await visit(environmentDirectory, '', found)
  return found.sort()
}

async function visit(root: string, folder: string, found: string[]): Promise<void> {
  for (const name of await namesIn(join(root, folder))) {
    const path = posix.join(folder, name)
    const isTrace = OF_A_TASK.some((pattern) => pattern.test(path))
    if (isTrace) found.push(path)
    // What is in a task's own folder goes with it, but branches are told by the last name of many.
    if (isTrace && !path.includes('refs/heads/')) continue
    if (await isDirectory(join(root, path))) await visit(root, path, found)
  }
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
}

async function isDirectory(path: string): Promise<boolean> {
  return lstat(path).then(
    (stats) => stats.isDirectory(),
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false
      throw error
    },
  )
}
