import { ChildMemory } from './child-memory.js'
import type { OpenContender } from './contenders/contender.js'
import { openContender } from './contenders/openers.js'
import { checkoutUsage, diskUsage } from './disk-usage.js'
import { readGitCounter, resetGitCounter } from './git-counter.js'
import type { FootprintJob, Place } from './jobs.js'
import { plainGit, settleDisk } from './plain-programs.js'
import type { FootprintResult } from './results.js'
import { taskNames, warmUp } from './task-run.js'

/** What a task takes besides time: git processes, their memory, and disk beyond the checkout's own files. */
export async function measureFootprint(job: FootprintJob): Promise<FootprintResult> {
  const opened = await openContender(job.contender, job.place)
  await warmUp(opened)
  const before = await settledUsage(job.place, opened)
  const names = taskNames('task', job.tasks)
  const { count, largestGitBytes } = await prepareWatched(job, opened, names)
  const added = (await settledUsage(job.place, opened)) - before
  const workDirs = names.map((name) => opened.workDir(name))
  for (const workDir of workDirs) await assertReady(job.place, workDir)
  const beyondFiles = added - checkoutUsage(workDirs)
  await opened.close()
  return {
    contender: job.contender,
    gitStartedPerTask: count.started / job.tasks,
    gitProcessesPerTask: count.processes / job.tasks,
    largestGitBytes,
    diskBytesPerTask: beyondFiles / job.tasks,
  }
}

async function prepareWatched(job: FootprintJob, opened: OpenContender, names: readonly string[]) {
  await resetGitCounter(job.gitCounter)
  const memory = new ChildMemory()
  // One after the other, since adding worktrees at once may fail.
  for (const name of names) await opened.prepare(name)
  const largestGitBytes = memory.stop()
  return { count: await readGitCounter(job.gitCounter), largestGitBytes }
}

/** Blocks are certain only once they were written. */
async function settledUsage({ directory }: Place, opened: OpenContender): Promise<number> {
  await settleDisk(directory)
  return diskUsage(opened.folders)
}

/** That everybody prepares the same: the default branch's commit, on another branch, with nothing changed. */
async function assertReady({ mirror }: Place, workDir: string): Promise<void> {
  const wanted = await plainGit('--git-dir', mirror, 'rev-parse', 'refs/heads/main')
  const head = await plainGit('-C', workDir, 'rev-parse', 'HEAD')
  const branch = await plainGit('-C', workDir, 'symbolic-ref', '--short', 'HEAD')
  const changes = await plainGit('-C', workDir, 'status', '--porcelain')
  if (head === wanted && branch.startsWith('agent/') && changes === '') return
  throw new Error(`${workDir} is not what a task needs: ${head} on ${branch}\n${changes}`)
}
