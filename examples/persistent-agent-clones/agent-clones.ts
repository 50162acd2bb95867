import type { RefreshReport, SessionRecord, Workspace, WorkspaceManager } from 'git-task-isolation'

/**
 * One lasting clone per agent, in the words of a clone manager. There is little to do: `prepare` is
 * get-or-create already when the agent's name is the task's id.
 */
export class AgentClones {
  readonly #manager: WorkspaceManager
  readonly #envId: string
  readonly #source: string

  constructor(manager: WorkspaceManager, envId: string, source: string) {
    this.#manager = manager
    this.#envId = envId
    this.#source = source
  }

  /** The agent's clone: as it was left, or a new one when there is none (any more). */
  getOrCreate(agent: string): Promise<Workspace> {
    const request = { envId: this.#envId, taskId: agent, agentName: agent, source: this.#source }
    return this.#manager.prepare({ ...request, branch: `agents/${agent}` })
  }

  /** Brings the clone up to date with the remote's default branch. */
  refresh(agent: string): Promise<RefreshReport> {
    return this.#manager.refresh({ envId: this.#envId, taskId: agent })
  }

  list(): Promise<SessionRecord[]> {
    return this.#manager.list({ envId: this.#envId })
  }

  /** Removes one clone; true when there was one. Work that is saved nowhere else is never thrown away. */
  async remove(agent: string): Promise<boolean> {
    const report = await this.#manager.cleanup({ envId: this.#envId, taskId: agent })
    return report.action === 'removed'
  }

  async removeAll(): Promise<number> {
    const reports = await this.#manager.cleanupAll(this.#envId)
    return reports.filter(({ action }) => action === 'removed').length
  }

  /** Runs something while nobody else, in any process, changes this repository's registrations. */
  withLock<T>(action: () => Promise<T>): Promise<T> {
    return this.#manager.withLock(this.#envId, action)
  }
}
