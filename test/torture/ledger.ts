import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { git, tryGit } from '../helpers/run-git.js'
import type { OrchestratorEvent } from './orchestrator-child.js'

interface Work {
  /** Commits that no remote has, as far as their agent said. */
  readonly commits: Set<string>
  readonly files: Set<string>
  /** An agent was at it and said no end, or its work was being discarded: anything may be there. */
  isUncertain: boolean
  /** It was so before the agent that is at it now: what a killed one has left does not go with the work of the next. */
  wasUncertain: boolean
  /** Somebody has worked in the workspace since it was made. */
  isTouched: boolean
  /** A cleanup has begun that archives it: then it is in the workspace or in the newest archive. */
  mayBeArchived: boolean
}

/** What the agents of one round have done and nobody may lose, by task; and what went wrong by the children's word. */
export class Ledger {
  readonly problems: string[] = []
  readonly #tasks = new Map<string, Work>()

  hear(event: OrchestratorEvent): void {
    if (!('taskId' in event)) return
    const work = this.#of(event.taskId)
    if (event.event === 'begin') begin(work, event)
    if (event.event === 'committed') work.commits.add(event.commit)
    // What is pushed has all that came before it.
    if (event.event === 'pushed') work.commits.clear()
    if (event.event === 'wrote') work.files.add(event.file)
    if (event.event === 'end') this.#end(work, event)
    if (event.event === 'failed')
      this.problems.push(`${event.taskId}: a verb failed: ${event.code} ${event.message}`)
    if (event.event === 'refused' && !this.mayHaveWork(event.taskId))
      this.problems.push(`${event.taskId}: a cleanup found unsaved work where there is none`)
  }

  /** Whether there is work of an agent that is nowhere else. */
  hasWork(taskId: string): boolean {
    const { commits, files } = this.#of(taskId)
    return commits.size + files.size > 0
  }

  /** The same, where it is not known. */
  mayHaveWork(taskId: string): boolean {
    return this.hasWork(taskId) || this.#of(taskId).isUncertain
  }

  isUncertain(taskId: string): boolean {
    return this.#of(taskId).isUncertain
  }

  /** Whether an agent has begun to work in the workspace since it was made. */
  wasWorkedIn(taskId: string): boolean {
    return this.#of(taskId).isTouched
  }

  mayBeArchived(taskId: string): boolean {
    return this.#of(taskId).mayBeArchived
  }

  /** What is no longer in the workspace of the task. */
  async lost(taskId: string, workDir: string): Promise<string[]> {
    const { commits, files } = this.#of(taskId)
    const lostCommits = await Promise.all([...commits].map((commit) => lostCommit(workDir, commit)))
    const lostFiles = await Promise.all([...files].map((file) => lostFile(workDir, file)))
    return [...lostCommits, ...lostFiles].flat().map((what) => `${taskId}: ${what} is lost`)
  }

  #of(taskId: string): Work {
    const work = this.#tasks.get(taskId) ?? newWork()
    this.#tasks.set(taskId, work)
    return work
  }

  #end(work: Work, event: Extract<OrchestratorEvent, { event: 'end' }>): void {
    if (event.verb === 'work') work.isUncertain = work.wasUncertain
    const isNew = event.verb === 'prepare' && !event.reused
    const isRemoved = event.verb === 'cleanup' && event.action === 'removed'
    if (!isNew && !isRemoved) return
    if (event.verb === 'cleanup' && event.archived) return
    if (this.hasWork(event.taskId)) this.problems.push(`${event.taskId}: a ${event.verb} lost work`)
    this.#tasks.set(event.taskId, newWork())
  }
}

function newWork(): Work {
  return {
    commits: new Set(),
    files: new Set(),
    isUncertain: false,
    wasUncertain: false,
    isTouched: false,
    mayBeArchived: false,
  }
}

function begin(work: Work, event: Extract<OrchestratorEvent, { event: 'begin' }>): void {
  if (event.verb === 'work') work.wasUncertain = work.isUncertain
  if (event.verb === 'work' && event.doing !== 'nothing') {
    work.isUncertain = true
    work.isTouched = true
  }
  if (event.verb === 'cleanup') work.mayBeArchived = event.policy === 'archive'
  if (event.verb !== 'cleanup' || event.policy !== 'discard') return
  // From now on it may be there or not.
  for (const kind of [work.commits, work.files]) kind.clear()
  work.isUncertain = true
}

async function lostCommit(workDir: string, commit: string): Promise<string[]> {
  // From elsewhere, since the workspace may be gone.
  const { code } = await tryGit('/', '-C', workDir, 'merge-base', '--is-ancestor', commit, 'HEAD')
  return code === 0 ? [] : [`the commit ${commit}`]
}

async function lostFile(workDir: string, file: string): Promise<string[]> {
  const content = await readFile(join(workDir, file), 'utf8').catch(String)
  return content === `${file.replace(/\.txt$/, '')}\n` ? [] : [`the file ${file}`]
}

/** Commits all that an agent left and pushes it, so that nothing keeps the workspace any more. */
export async function saveAll(workDir: string, branch: string): Promise<void> {
  await git(workDir, 'add', '--all')
  await git(workDir, 'commit', '--quiet', '--allow-empty', '-m', 'Save all')
  await git(workDir, 'push', '--quiet', 'origin', `HEAD:refs/heads/saved/${branch}`)
}
