import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Workspace } from 'git-task-isolation'

const program = fileURLToPath(new URL('../support/agent.mjs', import.meta.url))

export const COMMITS_PER_AGENT = 3

export interface AgentResult {
  readonly exitCode: number | null
  /** All that the agent and the git commands it ran complained about. */
  readonly stderr: string
  readonly durationMs: number
}

export interface AgentOptions {
  /** The push command of the agent; empty: it only commits. */
  readonly push: readonly string[]
  readonly onStep: (step: string) => void
  readonly signal: AbortSignal
}

/**
 * The whole of starting an agent: its folder and its environment. `-u` would write the upstream into a config
 * that all worktrees of a repository share, so there the agents push without it.
 */
export async function runAgent(workspace: Workspace, options: AgentOptions): Promise<AgentResult> {
  const startedAt = performance.now()
  const agent = spawn(process.execPath, [program, String(COMMITS_PER_AGENT), ...options.push], {
    cwd: workspace.workDir,
    env: { ...process.env, ...workspace.env },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that Ctrl-C can stop the agent together with the git it is running.
    detached: true,
  })
  const stop = () => stopGroup(agent)
  options.signal.addEventListener('abort', stop, { once: true })
  const result = await watch(agent, options.onStep)
  options.signal.removeEventListener('abort', stop)
  return { ...result, durationMs: performance.now() - startedAt }
}

export function pushCommand(strategy: string, push: boolean): string[] {
  if (!push) return []
  return ['git', 'push', '--quiet', ...(strategy === 'worktree' ? [] : ['-u']), 'origin', 'HEAD']
}

async function watch(agent: ChildProcess, onStep: (step: string) => void) {
  let stderr = ''
  agent.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
  })
  if (agent.stdout) createInterface({ input: agent.stdout }).on('line', onStep)
  await once(agent, 'close')
  return { exitCode: agent.exitCode, stderr }
}

function stopGroup(agent: ChildProcess): void {
  if (agent.pid === undefined || agent.exitCode !== null) return
  if (process.platform === 'win32') agent.kill()
  else process.kill(-agent.pid, 'SIGTERM')
}
